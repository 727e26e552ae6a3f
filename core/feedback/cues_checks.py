"""The phrases that the hints of the checklist rest on, by item and family; written as in `cues.py`.

They are lists of their own, so that a change here moves no label: the tagger does not see them. A change wants the
weights of `hints.py` made again: `python -m core.feedback.fit_hints`.
"""

from typing import Final

__all__ = ["CUES", "ENDINGS"]

CUES: Final[dict[str, dict[str, str]]] = {
    "reasoning_or_alternatives": {
        "because": """
        because/cos/bc/cuz/hence
        since/as it/they/i/we/he/she/this/that/the/there/nobody
        so that/nobody/everyone/they'd/he'd/she'd
        in order to
        the/my/our reason/reasoning/thinking/logic/theory/argument/hypothesis/idea/point
        that's/thats why/because
        this/that is why
        which meant/means
        otherwise
        to avoid
        for fear
        given that/the
        due to
        the point/idea/thing was/is
        what mattered
    """,
        "not chosen": """
        would/could/might/should have/be/mean/take/need/cost/only/never/just/not/break/fix/work/make/leave
        would've/could've/might've/should've
        wouldn't/couldn't have/be/work/help
        i/we could
        rather
        rather/instead/other than/of
        instead
        than to/a/the
        and/but not
        not the/a/an/to/by/in/with/just/only/as/because/from/on
        didn't/don't want/wait/just/ask/tell/touch/use/argue/go/try/read/send/write/fix/add/bump/say/stop/move/blame
        did/do not want/wait/ask/tell/touch/use/argue/go/try/read/send/write/fix/say/stop/move/blame
        without
        avoid/avoided/avoiding/skip/skipped/refused/refuse/declined/dropped/shelved/ditched/rejected/reject
        ruled/turned/threw it? out/down
        said/say no
        against it/the/a
        no rewrite/training/slides/meeting/meetings
    """,
        "choice": """
        option/options/alternative/alternatives/trade-off/trade-offs/tradeoff/tradeoffs/versus/vs/compromise
        considered/weighed/weighing/evaluated/compared/debated
        thought about/of
        think about
        looked at options/alternatives/both/other/two/three
        pros and/cons
        either
        whether
        one/first/another way/thought/idea/choice/road would/was/is?
        two/three/both/four options/ways/choices/versions/approaches/things/ideas/candidates
        chose/choose/picked/pick/preferred/opted/settled/went with/for/on/over/the/a/to?
        decided/chose not/against/to/that/on
        deliberately/deliberate/purpose/tempting/tempted
        the easy/obvious/usual/safe/conventional/textbook way/thing/answer/option
        the other/normal/quick/first/natural/standard way/thing/answer/option
        the easy/obvious/usual/safe/conventional one/fix/choice/road/idea/rule
        the textbook/other/normal/quick/natural/standard one/fix/choice/road/idea/rule
        the safe/easy/usual/textbook/obvious
        would/i'd prefer/rather
        judgement/judgment/call
    """,
        "weighed": """
        cheaper/simpler/riskier/safer/quicker/faster/easier/slower/harder/worse/better/less than/to/and?
        too slow/big/much/many/expensive/risky/late/long/heavy/old/easy/small/dangerous
        enough
        worth
        risk/risks/risky/safe/safest/cost/costs
        not worth
        no use/point
        at least
        the only way/one/thing
        as long as
        if i/we/you/it/they/the/he/she
        even if/though
        although/though/whereas
        unless
        except
    """,
        "thought": """
        i/we thought/figured/reckoned/felt/believed/knew/suspected/feared/wanted/judged/guessed/assumed/hoped
        i'd/we'd thought/figured/wanted/seen/learned/rather
        i/we didn't/don't think/believe/trust/want
        wanted to
        my guess/bet/feeling/instinct/worry/fear/view
        made/makes sense
        figured
    """,
        "others wanted": """
        he/she/they/everyone/everybody wanted/suggested/proposed/said/thought
        people/someone/somebody/management/boss/manager wanted/suggested/proposed/said/thought
        the/my boss/manager/team/director wanted/suggested/proposed/thought/preferred/advised
        the/my client/vendor/lead/supervisor wanted/suggested/proposed/thought/preferred/advised
        suggested/proposed/advised/recommended
        pushed/pushing back
        suggestion/proposal
        the book/textbook/manual/vendor/usual says/said
    """,
    },
    "business_impact": {
        "those served": """
        customer/customers/client/clients/user/users/patient/patients/buyers/members/tenants/subscribers
        guest/guests/passenger/passengers/student/students/pupils/shopper/shoppers/children/kids/families/parents
        farmers/drivers/readers/viewers/players/visitors/residents/donors/applicants/borrowers/owners/shops/merchants
        nurses/doctors/teachers/crew/crews/staff/volunteers/operators/analysts/reviewers/agents
        people/everybody/everyone
        complaint/complaints/calls/tickets/returns/refunds/orders/bookings/appeals/queue/queues/waiting
    """,
        "money": """
        <money>
        revenue/sales/turnover/profit/margin/cost/costs/budget/savings/saving/bill/bills/price/fee/fees/fine/fines
        saved/saves/save/paid/pay/money/funding/fund/grant/contract/contracts/invoice/quid/euro/euros/pounds/dollars
        million/thousand/grand
        cheaper/expensive
        renewed/renewal/signed/bought/sold/sell
        conversion/churn/retention/adoption/usage/traffic/basket
    """,
        "safety": """
        incident/incidents/injury/injuries/accident/accidents/falls/infections/errors/failures/deaths/died/hurt/harm
        lost/lose/losing/loss/losses/waste/wasted/scrap/downtime/broken/leaks/crashed/wrong
    """,
        "taken up": """
        adopted/rolled/standard/default/template/copied/policy/used/uses/use/using
        still use/uses/used/using/in/there/running/works/runs/has/have
        other/another/two/three/four/both/all/several/every teams/team/people/branches/sites/stores/shops/wards/groups
        other/another/two/three/four/both/all/several/every departments/department/schools/offices/services/countries
        part of the
        went live/out/in/into
        in production/use
        launched/shipped/opened/released/published/introduced/installed/switched/moved
        they/we/everyone/everybody do/does/use/uses/have/has it? now
        asked/asks for/us/me? to? it/one/copy/more
        wanted/want one/it/them/more
        bought/ordered
        hired/employed
    """,
        "changed": """
        stopped/fell/dropped/rose/grew/went/halved/doubled/tripled/increased/decreased/reduced/improved/climbed/shrank
        cut/down/up to/from/by/<n>/<pct>
        no more/longer
        fewer/less/more than/<n>?
        not one/a <unit>? single?
        nobody/none/zero
    """,
        "reply": """
        he/she/they said/laughed/smiled/looked/thanked/liked/agreed/apologised
        was/were happy/pleased/fine/good/okay/ok/alright/nice/proud/impressed
        i/we got/passed/made/noticed/felt/had
    """,
    },
    "lesson_learned": {
        "learned": """
        learned/learnt/learning/lesson/lessons/takeaway/takeaways/moral
        i/we learn
        taught/teaches/showed/shows/reminded me/us/you
        looking back
        hindsight
        realised/realized/understood/understand that/how/i/it/what/why/now
        what i/i'd took/take/learned/learn/carry/kept/keep/think/know/got/say/tell/remember/took
        i/we took/take/kept/carry from/away
        came/come away
        sticks/stuck/stayed/stays with me
        changed how/the i/way
        i've found/learned/learnt
        i've come to
        proved/proof/conviction
        i/i'd concluded/conclude/accept
        the one thing
        i see/know/understand that/now
        used to think/believe
        i believe/think now
        i think/believe is what
        is what i think/believe
        for me the/it
        philosophy/motto/rule
    """,
        "should have": """
        should've/could've/should/ought
        should/could have
        i/we/i'd/we'd would/will? have/do/start/ask/tell/again/never/not/still/pull/speak/write/say
        next/another time
        if i/we did/had/were/could/do
        were i to
        wish/wished i/i'd/we/we'd
        do it again/differently
        differently
        again i/i'd
        would do/ask/start again
        my/our/the/a mistake/mistakes/fault/error/failing
        mistake was
        regret/regretted/underestimated/overestimated/misjudged/ashamed
        i/we/i'd/we'd was/were/been wrong
        wrong goal/question/thing/order
        uncomfortable/honest bit/part/truth
        the limit/limitation/weakness/caveat
        only works/worked/half/part
    """,
        "since": """
        since then
        ever since
        i've/i since/never/not/always/now
        these days
        nowadays
        from then/now on
        any more
        anymore
        no longer
        now i/we/i'm/i'd/you
        i/we now/always/never/still? ask/start/check/try/write/know/do/make/always
        i/we now/always/never/still? never/test/tell/say/label/look/keep/put/take
        i/we ask/start/check/try/write/test/tell/label/draw always/now/first/every
        i/we carry/keep/sign/count/split/send/phone/read/use always/now/first/every
        never again
        never/always trust/trusting/ask/start/check/write/test/say/go/give
        before anybody/anything/i/we/there's/anyone
        always
        habit
    """,
        "saying": """
        if you/there's/a/it's/nobody
        you can't/can/have/need/should/must/learn/don't/do/only/know/never/just/mostly/calibrate/get/fund
        people don't/do/need/fund/say/want/will/are/know
        a/an/the * is a/the/just/not/only/information/part/something
        isn't/is not/never the/a/about/made/worth
        it's never/not/always the?
        is never/always/just/worth/better/usually/a/what
        never
        nobody/no fixes/does/reads/knows
        better to/than
        beats/beat
        sometimes
        first then?
        always
        the one thing
        matter/matters
    """,
    },
}

ENDINGS: Final[dict[str, str]] = {
    "ending": """
        found/reached/made/came/settled on/to? a/an/the compromise/agreement/solution/deal/consensus
        worked for both/everyone/everybody/us/all/me
        that/it/this worked/helped
        solved/resolved it/the/this/that
    """,
    "now": "now",
    "before": "used to",
}
"""How an end is told within a sentence about something else, or as a now beside a before."""
