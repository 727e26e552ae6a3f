"""One group on Discord and Slack, through both real platforms: one question, one board, one person on two sides."""

from __future__ import annotations

from pathlib import Path

import pytest
from both_rooms import both_rooms
from discord_double_seen import text_of
from slack_drawn import drawn
from talk import ANSWER
from two_platforms import code_in


@pytest.mark.slow
async def test_one_group_on_two_platforms_has_one_question_and_one_board(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with both_rooms(tmp_path, monkeypatch) as both:
        await both.start()
        discord, slack = both.discord, both.slack
        await discord.set_up()
        told = await discord.double.slash(discord.olga, "group link", {}, discord.channel)
        linked = await slack.say(slack.olga, f"group link code: {code_in(told.text)}")
        assert "is in Interview club now" in linked.text
        await both.soon(lambda: slack.posts(), patience=10)  # the test post

        ana_here, ana_there = discord.member("Ana"), slack.member("Ana")
        ben, cleo = discord.member("Ben"), slack.member("Cleo")
        told = await discord.double.slash(ana_here, "me link", {}, discord.channel)
        asked = await slack.say_directly(ana_there, f"me link code: {code_in(told.text)}")
        assert "Ana on Discord" in asked.text
        assert "You are one person now." in (await slack.press(ana_there, asked, "Yes, both are mine")).text

        before = len(slack.posts())
        card_here = await discord.drop()
        await both.soon(lambda: len(slack.posts()) > before)
        card_there = slack.posts()[-1]
        ((text,),) = both.rows("SELECT prompt.text FROM occurrence JOIN prompt ON prompt.id = prompt_id")
        first = text.splitlines()[0][:60]
        assert first in text_of(card_here) and first in drawn(card_there), "the same question in both places"

        assert "Kept:" in (await discord.answer(ben, card_here, ANSWER)).text
        assert "Kept:" in (await slack.answer(cleo, card_there, ANSWER)).text
        assert "Kept:" in (await slack.answer(ana_there, card_there, ANSWER)).text
        assert both.rows(
            "SELECT count(*), count(DISTINCT occurrence_id), count(DISTINCT group_id) FROM answer"
        ) == [(3, 1, 1)]
        both.clock.skip(seconds=16)  # cards are rewritten every 15 seconds at most
        await both.soon(lambda: "3 members answered" in text_of(discord.double.messages(discord.channel)[-1]))
        await both.soon(lambda: any("3 members answered" in drawn(m) for m in slack.posts()))

        board_here = (await discord.double.slash(ana_here, "leaderboard", {}, discord.channel)).text
        board_there = (await slack.say(cleo, "leaderboard")).text
        for board in (board_here, board_there):
            assert [board.count(name) for name in ("Ana", "Ben", "Cleo")] == [1, 1, 1]
        streak = await discord.double.slash(ana_here, "streak", {}, discord.channel)
        assert "1 day" in streak.text, "answered on Slack, counted on Discord"
