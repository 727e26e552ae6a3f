"""The phrases by which a situation, a task and an action can be told, by family.

How to read the lists: a line is a phrase, blanks separate its places, "/" separates the words a place may hold,
"?" after a place makes it optional, `*` is any one word, `<n>` any number, `<unit>` any unit of time, `^` the
beginning of the sentence (after "so", "and", "well" and the like). Everything is compared in small letters;
`phrases.py` does it. What a family counts for is said in `rules_tagger.py`, and that is where it may be found
to count for another part than the one it stands under.
"""

from typing import Final

__all__ = ["CUES"]

CUES: Final[dict[str, str]] = {
    # ------------------------------------------------------------------ situation
    "setting": """
        when/while i was/were/joined/started/worked
        while working
        at the/that time
        back in/when/then
        in/at my/our last/previous/current/first/second/third/final/old/former/junior/senior
        my last/previous/current/old/former job/company/role/team/employer/place/project
        in/at my/our company/office/department/village/town/city/school/university/hospital/branch
        last/that/this year/summer/spring/autumn/winter/month/term/semester
        this/it was during/before/back/when/for/at/in/a/the/around
        during my/our/a/the
        in/since/around/during/of <year>
        in the spring/summer/autumn/winter/fall/second/third/middle
        a? few/couple/of? years/months ago
        years/months/weeks/<unit> ago
        there was/were/had/is/are/used this?
        ^ there was/were/is/are
        so there was/were
        i/we worked/work/joined/interned/studied/volunteered at/for/in/as/on/with/there
        i/we was/were/am/are working/leading/running/doing/building/developing/studying/teaching/looking
        i/we was/were/am/are part/on/in/at/the/a/an/one
        i'm/we're a/an/the/on/in
        i run/manage/lead/look/teach/test/work/drive/do
        we/i used to
        used to be/have
        intern/internship/placement/bootcamp/apprenticeship/freshman/sophomore/capstone/dissertation
        one of my/our/the
        our/my team/company/group/client/customer/department was/were/had/is/has/ran/sold
        our/my product/shop/app/system/platform/office was/were/had/is/has/ran/sold
        team of <n>
        ^ our/my
        a/the team/company/client/customer had/was/wanted
        had/has/have been
        had just/already/never/always
        before me/that/i
        had grown/gone/left/become/taken/built/written
    """,
    "routine": """
        every/each day/week/month/morning/evening/night/friday/monday/time/year/quarter/single
        always/usually/normally/often/mostly
        would always/then/just/often/sometimes
        nobody/everyone/everybody knew/wanted/had/was/could/thought/hated/liked/else/really
        kept happening/going/coming/breaking/failing/asking/saying/getting/changing
        for years/months/weeks/ages
        by hand
        at the moment
    """,
    "trouble": """
        problem/problems/issue/issues/trouble
        complain/complained/complaining/complaints
        fail/failed/failing/fails/failure/broke/broken/breaking/crash/crashed/crashing
        slow/slower/late/behind/wrong/poor/messy/mess/outdated/manual/manually
        conflict/disagreed/argued/arguing/clashed/tension
        struggled/struggling/stuck/confused/frustrated/angry/upset/unhappy/worried
        lack/lacked/lacking/missing/missed/shortage/short
        outage/bug/bugs/error/errors/incident/downtime
        losing/lost/leaving/quit/resigned/threatened
        turned out that
        couldn't/wouldn't/can't/cannot
        too many/few/much/late/slow/long/old
    """,
    # ------------------------------------------------------------------ task
    "duty": """
        i/we/she/he had/have/needed/need to
        i/we had <n>? <unit> to
        had/have/has to
        needed/needs to be/go/happen
        must
        supposed/meant/expected to
        responsible/responsibility/responsibilities/accountable
        my/our/the task/job/role/goal/aim/objective was/is/were/to/became
        my/our/the part/brief/remit/duty/mission/assignment was/is/were/to/became
        my/our/the target/mandate/order/challenge/ask/responsibility was/is/were/to/became
        my/our own? task/goal/aim/objective/brief/remit/duty/mission/target/mandate
        was/were/been/got/am asked/told/tasked/assigned/given/charged
        was/were/been/got/am required/handed/chosen/picked/nominated/put
        asked/told me/us to/if/whether/for
        wanted/needed/expected me/us/it/them/him/her to
        gave me/us the/a/an/<n>/until
        gave/made it to? me/us
        in charge of
        up to me/us
        fell to/on me/us
        landed on/with me/us my?
        it was on/me/my/mine
        was mine/on
        i/we was/were to
        to be mine
        i/we owned/own the
        i/we set myself/ourselves
        took/take it upon/on myself/ourselves
        somebody/someone had to
        volunteered to
        promised the/him/her/them/to/it/that
        the one who/responsible
        who must/had/should
        my duty/turn/call/problem
        can/could you take/look/sort/fix/do
    """,
    "aim": """
        i/we/they/he/she wanted to
        wanted to/it/the/us/them/a/everyone/her/him
        i'd/we'd wanted
        aim/aimed/aiming/goal/goals/objective/objectives/target/mission/mandate/remit
        task/tasked/assignment/brief/responsibility
        hoped/hoping to
        trying to/not
        so that/as? nobody/everyone/anyone
        without breaking/losing/adding/buying/going/stopping/changing/making/slowing/hurting
        i/we needed
        needed a/the/it/to/this
        the question/point/idea/ask was
        decide whether/if/which
        find out/a why/whether/how/way
        figure out
        make sure
        get it/this/the/them/him/her/us
    """,
    "limit": """
        deadline/deadlines/due
        by the? end/monday/tuesday/wednesday/thursday/friday/saturday/sunday/christmas
        by the? easter/noon/then/january/february/march/april/may/june
        by the? july/august/september/october/november/december/summer/autumn
        before the/we/christmas/easter/launch/anyone
        until the? end/monday/friday/easter/christmas/march/april/may/june
        no later than
        <n> <unit> to/left/away/out/before/for
        had/have/got/gave/given until/<n>/one/two/three
        within/in <n> <unit>
        no budget/money/extra/help/time/more
        only <n>/one/a/had
        under <n>/<pct>/<money>
        at most/least
        must/could not/only
        couldn't/could not lose/stop/change/afford/buy/hire/wait/miss/let
    """,
    # ------------------------------------------------------------------ action
    "order": """
        ^ first/firstly/second/secondly/next/third/step/meanwhile/instead/initially/afterwards
        first/second/next i/we thing/i'd?
        ^ after that/this/i/we/talking/reading
        ^ once i/we
        to begin/start with
        i/we started/began by/with/to
        from there
        step <n>/one
        what i/we did/do was/is?
        at the same time
        every/each day/morning/evening/friday/monday/thursday/tuesday/week i/we
        the same evening/day/night/afternoon/week/morning
    """,
    "means": """
        by asking/using/making/building/adding/moving/showing/taking/looking/checking
        by writing/reading/talking/putting/going/running/setting/splitting/breaking/giving
        using/used a/the/an/our/my/python/sql/excel
        with a/the script/spreadsheet/pen/whiteboard/help/tool/checklist/template/list
        one by one
        side by side
        a/one/two page/slide/list/spreadsheet/table/chart/checklist/script/template/prototype
        a/one/two draft/poster/form/sheet/document/doc/meeting/workshop/plan
        to see/check/find/show/learn/test/avoid if/whether/what/how/where/why/out
        with/to each/every of/one
    """,
    "reason": """
        because/cause/cos/bc/since/therefore/hence
        so that/nobody/everyone/they/he/she
        in order to
        rather/instead than/of
        instead
        as it/they/i/we/he/she/this/that
        which meant
        the/my reason/thinking/reasoning/logic/theory/argument/hypothesis/thought
        i/we figured/thought/reckoned/felt/believed/knew/suspected/feared/wanted/judged/guessed/assumed
        otherwise
        what mattered
        the idea/point was
    """,
    "option": """
        option/options/alternative/alternatives/trade/tradeoff/trade-off/tradeoffs/versus/vs
        considered/consider/weighed/weighing/evaluated/ruled/rejected/turned up?/down
        pros and/cons
        could have/just/simply/also/either
        i'd? thought about
        thought about/of
        rather than/to
        instead of
        over the/a/an
        chose/picked/preferred/decided/choose/pick/opted
        decided/chose not/against
        didn't/not/no want/wait/just
        cheaper/simpler/riskier/safer/quicker/faster/easier than/to/option?
        the other/usual/obvious/easy/safe/first way/option/path/answer/choice/idea/candidate
        i/we ruled/turned/dropped/rejected
        but i/we decided/chose/wanted/knew/felt/preferred/thought
        tempted to
        wasn't/isn't worth
    """,
}
