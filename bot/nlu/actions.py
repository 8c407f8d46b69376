"""Rasa's calls for our actions, answered in our own process."""

from __future__ import annotations

import hmac
from functools import cache
from typing import Any

import structlog
from fastapi import Request
from fastapi.responses import JSONResponse
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from actions.acts import Acts
from actions.rasa.actions import executor
from bot.nlu.client import TOKEN_HEADER

log = structlog.get_logger(__name__)


async def answer_rasa(request: Request, acts: Acts, token: str) -> JSONResponse:
    """Run the action that a call names; HTTP 400 means “rejected” to Rasa and nothing else."""
    if not hmac.compare_digest(request.headers.get(TOKEN_HEADER, "").encode(), token.encode()):
        return JSONResponse({"error": "token"}, 401)
    call = await request.json()
    call.setdefault("domain", {})
    try:
        result = await _executor(acts).run(call)
    except ActionExecutionRejection as rejection:
        return JSONResponse({"action_name": rejection.action_name, "error": "rejected"}, 400)
    except ActionNotFoundException as missing:
        return JSONResponse({"action_name": missing.action_name, "error": "unknown action"}, 404)
    except Exception:
        log.exception("action_failed", action=str(call.get("next_action")))
        return JSONResponse({"error": "action failed"}, 500)
    return JSONResponse(result.model_dump() if result else {"events": [], "responses": []})


@cache
def _executor(acts: Acts) -> Any:
    return executor(acts)
