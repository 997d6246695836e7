"""Seats run by chat models.

    from council.reviewers.chat import ChatReviewer, chat_model

    reviewer = ChatReviewer(chat_model("anthropic:claude-sonnet-4-5"))

Every `BaseChatModel` of LangChain will do; `chat_model` makes one from a spec. The wording of the prompts is in
`prompts/*.md`.
"""

from council.reviewers.chat.calls import CallLimits
from council.reviewers.chat.cost import Budget
from council.reviewers.chat.models import chat_model, host_of, is_local
from council.reviewers.chat.reviewer import ChatReviewer
from council.reviewers.chat.tie_break import Weighed
from council.reviewers.chat.wire import aclose

__all__ = ["Budget", "CallLimits", "ChatReviewer", "Weighed", "aclose", "chat_model", "host_of", "is_local"]
