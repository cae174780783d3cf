"""The words of the evaluation page, in English and Chinese. Keys are those of the figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

PageLanguage = Literal["en", "zh"]

WORDS: Mapping[str, tuple[str, str]] = {
    # the page
    "title": ("How well the bot knows {shop}", "{shop}：机器人答得怎么样"),
    "lead": (
        "Trained on the shop's own files, then asked {phrases} phrases and {questions} questions "
        "that it had never seen. Shares come with their 95 % interval in brackets.",
        "只用店铺自己的资料训练，再问它 {phrases} 条没见过的说法和 {questions} 个没见过的问题。"
        "括号里是 95 % 置信区间。",
    ),
    "lead_questions": (
        "Trained on the shop's own files, then asked {questions} questions that it had never seen. "
        "Shares come with their 95 % interval in brackets.",
        "只用店铺自己的资料训练，再问它 {questions} 个没见过的问题。括号里是 95 % 置信区间。",
    ),
    "zh": ("Chinese", "中文"),
    "en": ("English", "英文"),
    "all": ("both", "合计"),
    "promise": ("promised: at most {share}", "承诺：不超过 {share}"),
    "kept": ("kept", "达到"),
    "open": ("not proven", "尚不能断定"),
    "broken": ("broken", "未达到"),
    # cards
    "wrong_among_answered": ("Wrong among the answered", "已作答中答错的"),
    "answered_right_at_once": ("Covered questions answered right at once", "能答的问题一次答对"),
    "right_or_offered": ("… at once or with one click", "…一次答对或点一下就到"),
    "not_covered_answered": ("Uncovered questions answered anyway", "没有答案却作答的"),
    "of_answers": ("{count} answers", "共 {count} 次作答"),
    "of_questions": ("{count} of {total} questions", "{total} 个问题中的 {count} 个"),
    # parts
    "what_shoppers_get": ("What shoppers get", "顾客得到什么"),
    "known_answers": ("Known answers", "知识库答案"),
    "intents": ("Intents", "意图"),
    "confusions": ("Intents taken for another", "容易混淆的意图"),
    "worst": ("Wrong with the highest confidence", "最有把握却答错的问题"),
    "worst_lead": (
        "Give the entry that is wanted another phrasing, or write the entry that is missing.",
        "给应答的条目补一种问法，或补上缺少的条目。",
    ),
    "steps": ("Slowest steps", "最慢的步骤"),
    "steps_lead": (
        "Wall time of {count} questions asked one at a time, on the machine that wrote this page.",
        "在生成本页的机器上逐个提问 {count} 次的耗时。",
    ),
    "doubted": ("Labels that are probably wrong", "可能标错的说法"),
    "comparison": ("Compared with the other version", "与另一版本相比"),
    "comparison_lead": (
        "Question by question, paired; differences are this version minus the other. "
        "{unpaired} questions stand in one of the two only.",
        "逐题配对比较；差值为本版本减去另一版本。有 {unpaired} 题只出现在其中一方。",
    ),
    "made_with": ("Made with", "生成信息"),
    # outcomes
    "covered": ("an entry answers it", "知识库里有答案"),
    "not_covered": ("no entry answers it", "知识库里没有答案"),
    "right": ("answered right", "答对"),
    "wrong": ("answered wrong", "答错"),
    "offered": ("asked back, right choice offered", "反问，选项中有正确答案"),
    "asked": ("asked back", "反问"),
    "otherwise": ("action or fixed text", "执行操作或固定话术"),
    "person": ("handed to a person", "转人工"),
    # pictures
    "risk_title": ("Risk and coverage", "风险与覆盖"),
    "risk_axes": (
        "across: share answered · up: wrong among them",
        "横轴：作答比例 · 纵轴：其中答错的比例",
    ),
    "risk_key": (
        "dashed: the promise · dot: threshold in force with its interval · shaded: 95 %",
        "虚线：承诺 · 圆点：当前阈值及其区间 · 阴影：95 %",
    ),
    "risk_words": (
        "At the threshold {bar} it answers {coverage} and {risk} of that is wrong",
        "阈值 {bar} 时作答 {coverage}，其中 {risk} 答错",
    ),
    "reliability_title": ("Does confidence mean what it says?", "说有多大把握，就有多准吗？"),
    "reliability_axes": (
        "across: claimed confidence · up: really right",
        "横轴：声称的把握 · 纵轴：实际答对",
    ),
    "reliability_key": (
        "dashed: as it should be · size and bars: share of the questions",
        "虚线：理想情况 · 圆点大小与柱：问题占比",
    ),
    # columns and figures
    "figure": ("figure", "指标"),
    "language": ("language", "语言"),
    "accuracy": ("accuracy in scope", "范围内准确率"),
    "macro_f1": ("macro-F1", "宏平均 F1"),
    "out_of_scope_auroc": ("out of scope: AUROC", "范围外：AUROC"),
    "out_of_scope_recall": ("out of scope: refused", "范围外：拒绝率"),
    "in_scope_refused": ("in scope: refused", "范围内：拒绝率"),
    "recall_at_1": ("recall@1", "recall@1"),
    "recall_at_3": ("recall@3", "recall@3"),
    "recall_at_10": ("recall@10", "recall@10"),
    "mrr": ("MRR", "MRR"),
    "covered_auroc": ("covered or not: AUROC", "有无答案：AUROC"),
    "calibration_error": ("calibration error (ECE)", "校准误差（ECE）"),
    "brier": ("Brier score", "Brier 分数"),
    "threshold": ("threshold", "阈值"),
    "answers": ("answers", "作答"),
    "wrong_of_them": ("of these wrong", "其中答错"),
    "intent": ("intent", "意图"),
    "taken_for": ("taken for", "被当成"),
    "times": ("times", "次数"),
    "example": ("example", "例子"),
    "question": ("question", "问题"),
    "wanted": ("wanted", "应答"),
    "found": ("found", "实际"),
    "confidence": ("confidence", "把握"),
    "outcome": ("outcome", "结果"),
    "step": ("step", "步骤"),
    "phrase": ("phrase", "说法"),
    "label": ("label", "标注"),
    "probably": ("probably", "可能是"),
    "ours": ("this", "本版本"),
    "theirs": ("other", "另一版本"),
    "difference": ("difference", "差值"),
    "verdict": ("verdict", "结论"),
    "better": ("better", "更好"),
    "worse": ("worse", "更差"),
    "even": ("no sure difference", "无显著差别"),
    "nothing": ("none", "无"),
    # what reports are compared by
    "intent_accuracy": ("intents: accuracy in scope", "意图：范围内准确率"),
    "intent_confidence": ("intents: squared error of confidence", "意图：把握的平方误差"),
    "answer_confidence": ("known answers: squared error of confidence", "知识库：把握的平方误差"),
    "answered_right": ("covered questions answered right", "能答的问题答对"),
    "not_answered_wrong": ("questions answered wrong", "问题答错"),
}

STEPS: Mapping[str, tuple[str, str]] = {
    # what a turn goes through
    "whole_turn": ("whole turn", "整轮"),
    "encode": ("encoding", "编码"),
    "intent": ("intent", "意图"),
    "search": ("search", "检索"),
    "write": ("writing", "生成答案"),
    # the attempts of `bot/answering/attempts.py`
    "chosen_reply": ("quick reply chosen", "选中的快捷回复"),
    "accepted_person": ("agreed to a person", "同意转人工"),
    "answered_the_door": ("is anyone there?", "有人在吗"),
    "waiting_action": ("what an action waits for", "操作等待的信息"),
    "exact_question": ("exact question", "原题匹配"),
    "dropped_action": ("action dropped", "放弃操作"),
    "said_again": ("said again", "再说一遍"),
    "acknowledged": ("thanks or ok", "道谢或应声"),
    "unclear": ("not clear", "没听明白"),
    "no_more": ("wants more", "追问更多"),
    "regretted": ("regrets", "表示遗憾"),
    "price_of_listed": ("price of what was listed", "上一条里的价格"),
    "wish_for_person": ("wish for a person", "要求人工"),
    "anger": ("anger", "情绪激烈"),
    "strange_language": ("another language", "其他语言"),
    "person_intent": ("intent for a person", "需要人工的意图"),
    "small_talk": ("small talk", "寒暄"),
    "action": ("action", "操作"),
    "told_before": ("part of what was said", "刚说过的内容"),
    "two_answers": ("two questions", "两个问题"),
    "known_answer": ("known answer", "知识库答案"),
    "asked_for_again": ("asked for again", "再次询问"),
    "done_in_vain": ("done in vain", "试过没用"),
    "clarification": ("asking back", "反问"),
    "written_answer": ("written answer", "生成的答案"),
    "give_up": ("giving up", "无法回答"),
}


def step_words(language: PageLanguage, step: str) -> str:
    """What a step of a turn is called; one that has no words stands for itself."""
    pair = STEPS.get(step)
    if pair is None:
        return step.replace("_", " ")
    return pair[1] if language == "zh" else pair[0]


def words(language: PageLanguage, key: str, **facts: object) -> str:
    """One text of the page; a key that has none stands for itself."""
    pair = WORDS.get(key)
    if pair is None:
        return key.replace("_", " ")
    return (pair[1] if language == "zh" else pair[0]).format(**facts)
