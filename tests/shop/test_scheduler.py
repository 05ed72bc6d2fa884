"""The policy: whatever waits and whoever works, nobody starves and nobody is favoured."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.clips.filming import FILM, VIDEO
from shop.clips.sources import PREPARE
from shop.jobs import scheduler
from shop.jobs.scheduler import QueuedJob, SchedulingRules, WorkerState, choose
from shop.records import JobId

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
RULES = SchedulingRules(background_batch=3, interactive_batch=2)
STUDIO = WorkerState("me", frozenset({TRAIN, PAINT}))


def second(number: float) -> datetime:
    return NOON + timedelta(seconds=number)


@st.composite
def tickets(draw) -> list[QueuedJob]:
    """Some jobs left in the last ten minutes, now and then one that failed before."""
    ages = draw(st.lists(st.integers(0, 600), max_size=12))
    return [
        QueuedJob(
            JobId(f"{number:02}"),
            draw(st.sampled_from((PAINT, PAINT, TRAIN))),
            second(-age),
            draw(st.sampled_from(("mini", "mini", "sdxl"))),
            draw(st.sampled_from("abc")),
            retried=draw(st.integers(0, 9)) == 0,
        )
        for number, age in enumerate(ages)
    ]


@st.composite
def places(draw, name: str = "me") -> WorkerState:
    queues = draw(st.sampled_from(({TRAIN, PAINT}, {TRAIN, PAINT}, {TRAIN}, {PAINT})))
    busy = frozenset(
        queue for queue in sorted(queues, key=lambda one: one.name) if draw(st.booleans())
    )
    return WorkerState(
        name,
        frozenset(queues),
        busy,
        tuple(draw(st.lists(st.sampled_from("abc"), max_size=2))),
        draw(st.sampled_from(("mini", "sdxl"))) if TRAIN in busy else "",
        exclusive=bool(busy) and draw(st.integers(0, 4)) == 0,
    )


neighbours = st.lists(places("other"), max_size=2)


@given(st.data(), tickets(), places(), neighbours)
def test_the_order_in_which_the_rows_come_does_not_matter(data, line, place, others):
    shuffled = data.draw(st.permutations(line))
    first = choose(place, line, others, RULES, NOON)
    assert choose(place, shuffled, others[::-1], RULES, NOON) == first


@given(tickets(), places(), neighbours)
def test_what_is_taken_can_be_done_together_and_here(line, place, others):
    taken = choose(place, line, others, RULES, NOON)
    if not taken:
        return
    assert len(set(taken)) == len(taken)
    assert len({(ticket.kind, ticket.base) for ticket in taken}) == 1
    queue = taken[0].kind
    assert place.free_for(queue)
    assert len(taken) <= (RULES.background_batch if queue is TRAIN else RULES.interactive_batch)
    if queue is PAINT and place.background_base:  # it would wait for the end of the training
        assert taken[0].base == place.background_base
    if any(ticket.retried for ticket in taken):  # it may kill whatever is beside it
        assert (len(taken), place.busy) == (1, frozenset())


@given(tickets(), places(), neighbours)
def test_portraits_go_before_trainings(line, place, others):
    """Unless a training has waited long, or the place cannot paint."""
    taken = choose(place, line, others, RULES, NOON)
    if taken and taken[0].kind is TRAIN and PAINT in place.kinds:
        patient = NOON - taken[0].since < RULES.max_background_wait
        portraits = [
            one for one in line if one.kind is PAINT and place.background_base in ("", one.base)
        ]
        open_to = [one for one in portraits if not (one.retried and place.busy)]
        assert not (patient and open_to)
        assert PAINT in place.busy or not [
            one
            for one in open_to
            if NOON - one.since >= RULES.affinity_wait and one.since <= taken[0].since
        ]


@given(tickets(), places(), neighbours)
def test_nobody_is_overtaken_by_more_than_a_moment(line, place, others):
    """Of those that may be taken, the first goes, or one that came shortly after it."""
    taken = choose(place, line, others, RULES, NOON)
    if not taken:
        return
    queue = taken[0].kind
    able = [
        one for one in line
        if one.kind is queue
        and not (one.retried and place.busy)
        and (queue is TRAIN or place.background_base in ("", one.base))
        and (queue is TRAIN or NOON - one.since >= RULES.affinity_wait)
    ]  # fmt: skip
    if able:
        assert taken[0].since - min(one.since for one in able) <= RULES.affinity_wait


@given(tickets(), neighbours)
def test_an_idle_place_takes_something_after_the_grace_at_the_latest(line, others):
    late = [one for one in line if NOON - one.since >= RULES.affinity_wait]
    assert bool(choose(STUDIO, late, others, RULES, NOON)) == bool(late)


def test_a_portrait_is_left_to_the_worker_that_wears_it_for_a_moment():
    fresh = QueuedJob(JobId("1"), PAINT, second(-1), "mini", "anna")
    wearer = WorkerState("other", STUDIO.kinds, recent_avatars=("anna",))
    assert choose(STUDIO, [fresh], [wearer], RULES, NOON) == ()
    assert choose(STUDIO, [fresh], [replace(wearer, busy={PAINT})], RULES, NOON) == (fresh,)
    assert choose(STUDIO, [fresh], [wearer], RULES, second(1)) == (fresh,)
    assert choose(wearer, [fresh], [STUDIO], RULES, NOON) == (fresh,)
    strange = replace(wearer, bases=frozenset({"sdxl"}))
    assert choose(STUDIO, [fresh], [strange], RULES, NOON) == (fresh,), "it never takes it"


def test_trainings_are_together_when_the_line_is_longer_than_the_workers():
    line = [QueuedJob(JobId(str(n)), TRAIN, second(n - 60), "mini") for n in range(4)]
    others = [WorkerState(str(n), STUDIO.kinds) for n in range(3)]
    assert len(choose(STUDIO, line, others, RULES, NOON)) == 1
    assert len(choose(STUDIO, line, others[:1], RULES, NOON)) == 2
    assert len(choose(STUDIO, line, [], RULES, NOON)) == RULES.background_batch
    strange = [replace(one, bases=frozenset({"sdxl"})) for one in others]
    assert len(choose(STUDIO, line, strange, RULES, NOON)) == RULES.background_batch


def test_a_place_comes_to_rest_for_one_that_must_go_alone():
    """Else two kinds of work in turn would keep it from ever being idle."""
    outcast = QueuedJob(JobId("1"), TRAIN, second(-300), "mini", retried=True)
    painting = replace(STUDIO, busy=frozenset({PAINT}))
    fresh = [QueuedJob(JobId("2"), TRAIN, second(-9)), QueuedJob(JobId("3"), PAINT, second(-9))]
    assert choose(painting, [outcast, *fresh], [], RULES, NOON) == ()
    assert choose(STUDIO, [outcast, *fresh], [], RULES, NOON) == (outcast,)
    assert choose(replace(painting, exclusive=True), fresh, [], RULES, NOON) == ()


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 900)), max_size=40),
    st.integers(0, 900),
)
def test_a_newcomer_waits_for_no_more_of_anybodys_jobs_than_time_has_passed(left, at):
    """However many somebody left: of theirs only one a quantum stands before the newcomer."""
    line: dict[str, list[datetime]] = {"a": [], "b": []}
    for user, when in sorted(left, key=lambda one: one[1]):
        last = line[user][-1] if line[user] else None
        line[user].append(scheduler.fair_queue_at(PAINT, second(when), last))
    newcomer = scheduler.fair_queue_at(PAINT, second(at), None)
    for theirs in line.values():
        assert theirs == sorted(theirs)
        before = [turn for turn in theirs if turn < newcomer]
        since = newcomer - before[0] if before else timedelta(0)
        assert len(before) <= 1 + since / PAINT.quantum


@given(st.lists(st.integers(1, 40), min_size=20, max_size=20))
def test_under_a_flood_of_portraits_a_training_still_begins(gaps):
    """Portraits come faster than they are painted; patience ends the waiting of trainings."""
    line = [QueuedJob(JobId("t"), TRAIN, NOON, "mini")]
    now = NOON
    for number, gap in enumerate(gaps):
        line += [QueuedJob(JobId(f"{number}-{n}"), PAINT, now, "mini") for n in range(5)]
        place = STUDIO
        while taken := choose(place, line, [], RULES, now):
            place = replace(place, busy=place.busy | {taken[0].kind})
            line = [ticket for ticket in line if ticket not in taken]
        assert TRAIN not in place.busy or now - NOON >= RULES.max_background_wait
        if TRAIN in place.busy:
            return
        assert now - NOON < RULES.max_background_wait
        now += timedelta(seconds=gap)


def film(number: int, at: float) -> QueuedJob:
    return QueuedJob(JobId(str(number)), FILM, second(at))


ALL = WorkerState("me", frozenset({TRAIN, PAINT, PREPARE, FILM, VIDEO}))


def test_clips_are_made_beside_a_training_of_any_base_and_one_by_one():
    training = replace(ALL, busy=frozenset({TRAIN}), background_base="mini")
    waiting = [film(n, n - 9) for n in range(3)]
    assert choose(training, waiting, [], RULES, NOON) == (waiting[0],)
    assert choose(ALL, waiting, [], RULES, NOON) == (waiting[0],)


def test_neither_portraits_nor_clips_wait_for_each_other():
    """A worker has one of each at a time, however many of the other kind wait."""
    portrait = QueuedJob(JobId("p"), PAINT, second(-5), "mini", "anna")
    flood = [film(n, n - 600) for n in range(20)]
    filming = replace(ALL, busy=frozenset({FILM}))
    assert choose(filming, [*flood, portrait], [], RULES, NOON) == (portrait,)
    flood = [QueuedJob(JobId(f"p{n}"), PAINT, second(n - 600), "mini") for n in range(20)]
    painting = replace(ALL, busy=frozenset({PAINT}))
    assert choose(painting, [*flood, film(1, -5)], [], RULES, NOON) == (film(1, -5),)


@given(tickets(), st.integers(0, 600), st.integers(0, 170))
def test_clips_never_wait_for_generated_ones(line, age, generated):
    """Whatever else waits: while a clip waits none is begun, unless it has waited very long."""
    clip = film(99, -2 - age / 10)
    video = QueuedJob(JobId("v"), VIDEO, second(-generated), "wan")
    worker = ALL
    while taken := choose(worker, [clip, video, *line], [], RULES, NOON):
        assert taken[0].kind is not VIDEO or FILM in worker.busy or any(one.retried for one in line)
        if taken[0] is clip:
            return
        line = [one for one in line if one not in taken]
        worker = replace(worker, busy=worker.busy | {taken[0].kind})


def test_a_generated_clip_lets_clips_and_portraits_begin():
    generating = replace(ALL, busy=frozenset({VIDEO}))
    portrait = QueuedJob(JobId("p"), PAINT, second(-5), "mini", "anna")
    assert choose(generating, [film(1, -9)], [], RULES, NOON) == (film(1, -9),)
    assert choose(generating, [portrait], [], RULES, NOON) == (portrait,)


def test_a_source_is_looked_at_before_everything():
    source = QueuedJob(JobId("s"), PREPARE, NOON)
    flood = [film(n, n - 600) for n in range(20)]
    assert choose(ALL, [*flood, source], [], RULES, NOON) == (source,)
