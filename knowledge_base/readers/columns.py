"""Tells which column is the question, the answer, and so on, by its name in Chinese or English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from knowledge_base.errors import ColumnsNotRecognised
from knowledge_base.problem_texts import Both, file_text
from knowledge_base.question_key import question_key

Role = Literal["id", "question", "similar", "answer", "category", "language", "source"]

_NAMES: dict[Role, str] = {
    "id": "id 编号 序号 标识 问题id 问题编号 知识id 知识编号 faqid entryid questionid number no",
    "question": "question questions query q title questiontext customerquestion userquestion faq "
    "faqquestion 客户问题 顾客问题 买家问题 客户提问 顾客提问 问题 问 标准问 标准问题 标准问法 "
    "提问 用户问题 常见问题 问句 问题标题 知识标题 标题 问题描述 咨询问题 咨询内容 "
    "phrasing phrasings utterance utterances instruction prompt userquery userinput",
    "similar": "similar similarquestion similarquestions alternative alternatives variant "
    "variants variations altquestions 相似问 相似问题 相似问法 扩展问 扩展问法 近似问 同义问 "
    "其他问法 问法",
    "answer": "answer answers reply response a answertext replytext responsetext ouranswer "
    "ourreply faqanswer standardanswer suggestedanswer suggestedreply solution completion output "
    "botreply botresponse botanswer 解决方案 解决办法 处理办法 标准话术 客服话术 标准回复 "
    "客服回复 客服回答 参考答案 参考回复 回复话术 话术 答案 回答 答 回复 答复 标准答案 标准回答 "
    "应答 回复内容 答案内容 内容",
    "category": "category categories topic group tag tags 分类 类别 类目 目录 主题 标签 所属分类 "
    "知识分类",
    "language": "language lang locale 语言 语种",
    "source": "source corpus 来源 出处",
}
# Fields in which exports of chats keep the messages of a conversation.
_OF_CHATS = frozenset({"messages", "conversation", "conversations", "dialogue", "dialog", "turns"})
# What calls a column that tells what somebody wants, in files to train intents with.
_OF_INTENTS = frozenset(map(question_key, ("intent", "intent_name", "意图", "意图名称")))
_ROLE_OF = {question_key(name): role for role, names in _NAMES.items() for name in names.split()}


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which columns hold what. Names are those of the header; "1", "2" … without a header.

    Attributes:
        question: the column of the question.
        answer: the column of the answer.
        similar: further columns of phrasings; a cell may hold several, one a line or cut by "|".
        id, category, language, source: their columns, None where there is none.
        has_header: False when the first row is an entry already.
    """

    question: str
    answer: str
    similar: tuple[str, ...] = ()
    id: str | None = None
    category: str | None = None
    language: str | None = None
    source: str | None = None
    has_header: bool = True

    def columns(self) -> tuple[str, ...]:
        """Every column that is named."""
        single = (self.id, self.question, self.answer, self.category, self.language, self.source)
        return (*(name for name in single if name is not None), *self.similar)


def recognised_role(name: str) -> Role | None:
    """What a column of this name holds; "相似问3" and "Question 2" are recognised too."""
    key = question_key(name)
    role = _ROLE_OF.get(key) or _ROLE_OF.get(key.rstrip("0123456789"))
    if role == "question" and key not in _ROLE_OF and key[-1:] not in ("", "1"):
        return "similar"  # "question2" is a phrasing beside "question1"
    return role


def recognise(columns: Sequence[str]) -> ColumnMapping | None:
    """The mapping of a header; None when it has no question or no answer, or two answers."""
    by_role: dict[Role, list[str]] = {}
    for name in columns:
        role = recognised_role(name)
        if role:
            by_role.setdefault(role, []).append(name)
    questions, answers = by_role.get("question", []), by_role.get("answer", [])
    if not questions or len(answers) != 1:
        return None
    only = {role: names[0] for role, names in by_role.items() if len(names) == 1}
    return ColumnMapping(
        question=questions[0],
        answer=answers[0],
        similar=(*questions[1:], *by_role.get("similar", [])),
        id=only.get("id"),
        category=only.get("category"),
        language=only.get("language"),
        source=only.get("source"),
    )


def checked(mapping: ColumnMapping, columns: Sequence[str]) -> ColumnMapping:
    """The mapping, if every column that it names stands exactly once in the header.

    Raises:
        ColumnsNotRecognised: it does not.
    """
    for name in mapping.columns():
        count = list(columns).count(name)
        if count != 1:
            fault = "column_missing" if count == 0 else "column_repeated"
            text = file_text(fault, column=name[:80], count=count, listed=listed_columns(columns))
            raise ColumnsNotRecognised(*text, tuple(columns))
    return mapping


def not_recognised(columns: Sequence[str]) -> ColumnsNotRecognised:
    """The error that asks for a mapping."""
    text = of_another_kind(columns) or file_text("no_columns_taken", listed=listed_columns(columns))
    return ColumnsNotRecognised(*text, tuple(columns))


def of_another_kind(columns: Sequence[str]) -> Both | None:
    """What a file is instead of questions and answers, by the names of its columns."""
    keys = set(map(question_key, columns))
    for kind, names in (("chats", _OF_CHATS), ("labelled_phrases", _OF_INTENTS)):
        if not keys.isdisjoint(names):
            return file_text(kind, listed=listed_columns(columns))
    return None


def listed_columns(columns: Sequence[str]) -> str:
    """The first columns of a header, for an error."""
    shown = ", ".join(repr(name[:40]) for name in columns[:20])
    return f"{shown} and {len(columns) - 20} more" if len(columns) > 20 else shown
