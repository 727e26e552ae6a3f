"""The phrases by which a result is told, and what is no part of a story, by family; written as in `cues.py`."""

from typing import Final

__all__ = ["CUES"]

CUES: Final[dict[str, str]] = {
    # ------------------------------------------------------------------ result
    "outcome": """
        as a result
        in the end
        at the end
        in total
        the end/final? result/outcome/effect/upshot
        resulted/resulting in
        result/results/outcome was/were/is
        led to
        ended up
        turned out
        paid off
        ultimately/eventually/finally/overall/consequently/thankfully/luckily/fortunately/unfortunately
        by the end/time/following/next/autumn/summer/spring/winter/evening
        after that/this it/they/we/the/he/she/nobody/no
        within a/one/two/three/four/<n>/the <unit>
        the? following/next week/month/year/quarter/morning/season/spring/day
        <unit> later/after/afterwards
        a/one/two/three/six <unit> later
        later the/that/he/she/they
        went live/out/up/down/from/well/fine/smoothly/through/ahead/into
        on time/schedule/budget
        ahead of/under schedule/budget
        no more/longer/further/one
        not a/one single
        without a/any/drama/incident/problem/problems
        zero/no complaints/incidents/outages/errors/downtime/tickets/bugs/issue/issues
        since then
        since that/the day?/change/fix/launch?
        for the first time
        we/i/it/they/he/she won/passed/finished/survived/sold/hit/made it?
        we/i got a/an/the/it
        was/were/got/been promoted/approved/accepted/adopted/hired/fixed/shipped
        was/were/got/been delivered/released/resolved/renewed/solved/completed/cancelled
        all/everyone/everybody/both/most were/was/got/went/could/agreed/came
        made it
        it/that/this/everything/things/all works/worked/helped/held/stuck/paid
        it/that/this/everything/things/all saved/cost/went/stayed/became/took
        ^ it/that/which works/worked/helped/held/went/took/became/saved/made
    """,
    "lasting": """
        still use/uses/used/using/in/there/running/do/does/today/works/run/runs/meet/have/has/open
        is/are/was/were still
        to this day
        these days
        nowadays
        today
        ever since
        is/are/was/it's now
        now use/uses/do/does/have/has/is/are/runs/run/takes/take/the/it/they/we/he/she
        has/have since
        has/have never/not since/been/had/happened?
        until today/now
        other/another/two/three/four/both/all/several teams/team/people/branches
        other/another/two/three/four/both/all/several stores/shops/wards/groups
        other/another/two/three/four/both/all/several department/departments/schools
        every/all new starter/hire/hires/joiner/project/store/team
        became/become/is the standard/default/template/norm
        part of the/our
        copied/adopted/rolled/took it/across/by/out/up
    """,
    "praise": """
        thank/thanked/thanks/thankful/grateful/praised/praise/appreciated
        pleased/happy/happier/delighted/satisfied/impressed/proud
        loved/liked/enjoyed/laughed/smiled/cried/hugged
        promoted/promotion/award/awarded/bonus/prize/offer
        feedback/rating/score/grade/review was/were/went/from
        said/told me/us? it/that/he/she/they/was/thank/the? best/clearest/first/good/great/thanks
        asked me/us/for to? write/present/do/lead/run/teach/join/help/if/the
        asked/invited/offered/gave me/us
        my/the/our boss/manager/lead said/told/was/liked/took/asked/agreed/put/used/uses
        my/the/our supervisor/client/customer said/told/was/liked/took/asked/agreed/put/used/uses
        my/the/our director/cto/ceo said/told/was/liked/took/asked/agreed/put/used/uses
        my/the/our head/team/teacher said/told/was/liked/took/asked/agreed/put/used/uses
        my/the/our professor/he/she said/told/was/liked/took/asked/agreed/put/used/uses
        complaints/calls/tickets/errors stopped/fell/dropped/went/disappeared
        renewed/stayed/signed/came/back
    """,
    "change": """
        increased/increase/decreased/decrease/reduced/reduction/improved
        improvement/doubled/halved/tripled/quadrupled/grew/rose
        fell/dropped/shrank/climbed/saved/saving/savings
        down/up/cut/went/fell/dropped/rose/grew/moved from/to/by/<n>/<pct>
        from <n>/<pct>/<money>/about/around/roughly/nearly/a/one/almost/over/under
        from * to/down
        from * * to/down
        from * * * to
        to <n>/<pct>/<money>/about/around/zero/almost/under/nearly/just
        instead of <n>/a/an/<unit>
        half/twice/double/third/quarter/percent
        more/less/fewer/faster/better/higher/lower/quicker/smoother/easier/calmer/shorter than/by?
        <n> out? of <n>
        all <n>
        -> <n>/<pct>
    """,
    "lesson": """
        learned/learnt/learning/lesson/lessons/takeaway/takeaways/moral
        i/we learn
        i'd repeat/keep/change/skip
        sticks/stuck/stayed/stays with me
        what i kept/keep/remember
        if there's/there one/a thing/lesson
        for me the/it
        taught/teaches/showed/shows/reminded/made me/us
        looking back
        in hindsight
        hindsight
        next/another time
        if i did/had/were/could/do
        if i'd/there's
        i'd/i would/should do/have/now/start/ask/set/tell? it/that/this/had/have?
        i'd/i would/should not/never/probably/try/only/still? it/that/this/had/have?
        i would/should/ought to? have/do/start/ask/not/never/tell
        since then i
        these days i
        from then/now on
        now i always/never/try/ask/start/know/check/write
        i now/always/never/still ask/start/check/try/write/know/do/make/always/never
        realised/realized that/how/i/it
        what i/we took/take/learned/learn/carry/kept/got
        i/we took/take/kept from/away/it
        i understand/understood/know/see now
        my mistake
        my/the limit/limitation/weakness/caveat was/is
        it only/also worked/works
        changed/confirmed how/for/the i/me/way?
        ever since i
        mistake was
        proved/proof that
        experience/episode taught/gave/helped/made/showed
    """,
    # ------------------------------------------------------------------ other
    "aside": """
        happy to share/talk/go/say/explain/answer/add?
        can't/cannot/can not? share/say/remember/recall/comment/tell/go/give/name
        don't/can't remember/recall
        great/good question
        let me think/see/start/tell/give/just
        does that/this
        hope that/this/it/i
        that's/that is it/about/my/the/all/another/a/one
        to be honest/fair
        honestly/frankly/sorry
        by the way
        not sure
        what was the
        a different/another/whole story
        another/different story
        makes sense
        answer/answered/answers your/the
        i/i'll could/can/can't talk/tell/say/give/think
        comes/came to mind
        i can think
        tell you
        an/a? good/one/example/time of/is/where/when/would
        the? story/example/one i
        stop me
        thank you/thanks for
        thanks
        haha/ouch/lol/hm/hmm
        give me a
        bear with
        long story
        if you ask/like
        i hope/guess/suppose/mean/digress
        or something/whatever
        you know how
        hear me
        good/first/next one
        where to start/begin
        on request
        use/used for this/leadership
        i'm/not not? really sure
        can't/couldn't really/honestly? say/tell
        to tell the truth
        as far as
        any questions
        we/i never measured/tracked/checked/counted/wrote/found/heard
        not/never measured
        the project/it is/was? still ongoing
        i don't have/know the/a/any
    """,
    "general": """
        i believe/think/feel/guess/love/like/enjoy/pride/prefer/consider/value
        in my opinion/view/experience
        in general
        generally/normally/typically/usually/naturally/always
        i'm/am a/an/very/quite/someone/the/passionate/good/known/usually/always/comfortable/not
        people/everyone/team/leaders/managers are/is/say/leave/need/often/should
        leadership/communication/teamwork/quality/innovation is/was/matters
        trust/conflict/planning/feedback/honesty is/was/matters
        is/are important/key/essential/everything/crucial/vital/about/part/critical
        as they say
        it depends
        one should/must/has/can
        you have/need/should/must/can/could/can't/always
        we have/need to
        when there/i/you/it is/am/are/have/get/see
        at the end of the day
        every/any engineer/team/company/project/leader/manager
        i/we always/usually/often/never
        my/the approach/philosophy/style/strength/belief is/would
    """,
    "hypothetical": """
        i/we/i'd/we'd would/will probably/first/then/say/describe/try/talk/start
        i/we/i'd/we'd would/will make/ask/go/look/speak/listen/want/take
        i'd/i'll/we'd/we'll/you'd first/probably/say/then/start/try/talk/ask/make/go/speak/look/take
        would be/probably
        if a/someone/the/i/there/it/they is/was/were/had/have/has
        if i/someone
        i/we will/could/might/may
    """,
    "unfinished": """
        not yet/finished/done/over
        is ongoing/open/pending/running
        too early
        still waiting/ongoing/working
    """,
    # ------------------------------------------------------------------ for the checks
    "value": """
        customer/customers/client/clients/user/users/patient/patients
        guest/guests/passenger/passengers/student/students/shopper/shoppers
        buyers/members/tenants/parents/families/farmers/drivers/subscribers
        revenue/sales/turnover/profit/margin/cost/costs/budget/savings/saving
        saved/saves/money/fee/fees/bill/price/contract/contracts/renewal
        renewed/orders/bookings/funding/fine/fines/refund/refunds
        complaint/complaints/calls/tickets/churn/retention/conversion
        downtime/outage/outages/waste/returns/overtime/backlog
        hours/days/weeks/minutes/time/weekend/weekends
        <money>
        company/business/firm/hospital/bank/school/store/stores
        shop/shops/branch/branches/department/departments/office/ward
        wards/factory/plant/warehouse/council/ministry/airline/hotel
        adopted/rolled/standard/default/template/used/uses/use/copied/policy
        team/teams/colleagues/staff/managers/manager/director/board/supervisor/nurses/engineers
    """,
}
