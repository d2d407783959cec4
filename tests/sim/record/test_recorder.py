from types import SimpleNamespace

import numpy as np

from scenarios.lookup import get_scenario
from sim.record.recorder import MIN_VISIBLE_PIXELS, DemonstrationRecorder, seen_objects
from sim.rollout.episode import Episode, InferenceTime, Outcome

WORLD = get_scenario("corridor").world(1000, 0)
BOX, TARGET = WORLD.item("box-0"), WORLD.item("target-0")


def test_a_seen_object_has_the_box_around_its_pixels_in_shares_of_the_image():
    ids = np.full((100, 200), -1)
    ids[20:50, 40:60] = 7
    (seen,) = seen_objects(ids, {7: BOX.name}, WORLD)
    assert seen.phrase == BOX.label
    assert seen.box == (0.2, 0.2, 0.3, 0.5)


def test_larger_things_come_first_and_specks_walls_and_floors_are_not_named():
    ids = np.full((100, 100), -1)
    ids[0:5, 0:10], ids[10:40, 10:40], ids[50:, :] = 1, 2, 3
    ids[45, : MIN_VISIBLE_PIXELS - 1] = 4
    names = {1: BOX.name, 2: TARGET.name, 3: "floor", 4: "target-1"}
    assert [seen.phrase for seen in seen_objects(ids, names, WORLD)] == [TARGET.label, BOX.label]


def state(step, status=None):
    return SimpleNamespace(agent_pos=np.full(6, step, np.float32), status=status, clearance_m=step / 2)


def segment_nothing(slots):
    return [(np.full((4, 4), -1), {}) for _ in slots]


def recorded(steps, status, caption_every=2, hold=1):
    driver = SimpleNamespace(labels=np.zeros((1, 3), np.float32), noise_burst=np.zeros(1, bool))
    recorder = DemonstrationRecorder(driver, "expert", caption_every, segment_nothing, hold)
    frame = np.zeros((4, 4, 3), np.uint8)
    recorder.started(0, Episode("corridor", 1000, 0), WORLD, frame, state(0))
    for step in range(1, steps + 1):
        driver.labels = np.full((1, 3), step / 10, np.float32)
        driver.noise_burst = np.array([step % 4 == 0])
        frame = np.full((4, 4, 3), step, np.uint8)
        recorder.stepped(
            0, np.full(3, -step / 10), frame, state(step, status if step == steps else None), InferenceTime()
        )
    recorder.ended(0, Outcome(status, steps))
    return recorder.demonstrations[0]


def test_frame_k_is_what_was_seen_before_action_k():
    demonstration, status = recorded(5, "success")
    assert status == "success"
    assert demonstration.success
    assert demonstration.pixels[:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4]
    assert demonstration.agent_pos[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert np.allclose(demonstration.actions[:, 0], [0.1, 0.2, 0.3, 0.4, 0.5])
    assert np.allclose(demonstration.executed, -demonstration.actions)
    assert demonstration.noise_burst.tolist() == [False, False, False, True, False]
    assert demonstration.clearance_m.tolist() == [0, 0.5, 1, 1.5, 2]


def test_captions_come_at_every_kth_frame_from_the_first_on():
    demonstration, _ = recorded(5, "collision")
    assert not demonstration.success
    assert [caption.frame for caption in demonstration.captions] == [0, 2, 4]
    assert recorded(5, "success", caption_every=0)[0].captions == ()


def test_the_images_of_a_step_are_segmented_in_one_go_and_each_slot_gets_its_own():
    asked, step = [], 0

    def segment(slots):
        asked.append(list(slots))
        ids = np.full((100, 100), -1)
        ids[: 10 + step, :20] = 1
        return [(np.roll(ids, 10 * slot, axis=1), {1: BOX.name}) for slot in slots]

    driver = SimpleNamespace(labels=np.zeros((3, 3), np.float32), noise_burst=np.zeros(3, bool))
    recorder = DemonstrationRecorder(driver, "expert", 2, segment)
    frame, ends = np.zeros((100, 100, 3), np.uint8), {0: 5, 1: 4, 2: 3}
    for slot in ends:
        recorder.started(slot, Episode("corridor", 1000, slot), WORLD, frame, state(0))
    for step in range(1, 6):
        for slot in [slot for slot, end in ends.items() if step <= end]:
            status = "success" if step == ends[slot] else None
            recorder.stepped(slot, np.zeros(3), frame, state(step, status), InferenceTime())
            if status:
                recorder.ended(slot, Outcome(status, step))
    assert asked == [[0], [1], [2], [0, 1, 2], [0, 1]]
    for slot, end in ends.items():
        captions = recorder.demonstrations[slot][0].captions
        assert [caption.frame for caption in captions] == list(range(0, end, 2))
        boxes = np.array([caption.objects[0].box for caption in captions])
        assert np.allclose(boxes[:, 0], slot / 10)
        assert np.allclose(boxes[:, 3], [(10 + caption.frame) / 100 for caption in captions])


def test_an_episode_without_a_step_leaves_nothing():
    assert recorded(0, "policy-fault") == (None, "policy-fault")


def test_a_policy_that_fails_midway_leaves_the_steps_before():
    demonstration, _ = recorded(3, None)  # the world goes on, the policy doesn't
    assert demonstration.pixels.shape[0] == demonstration.actions.shape[0] == 3


def test_of_an_answer_that_is_held_one_frame_is_kept():
    demonstration, _ = recorded(8, "success", caption_every=1, hold=3)  # it ends within the third answer
    assert demonstration.pixels[:, 0, 0, 0].tolist() == [0, 3, 6]
    assert demonstration.agent_pos[:, 0].tolist() == [0, 3, 6]
    assert np.allclose(demonstration.actions[:, 0], [0.1, 0.4, 0.7])
    assert demonstration.noise_burst.tolist() == [False, True, False]
    assert demonstration.clearance_m.tolist() == [0, 1.5, 3]
    assert [caption.frame for caption in demonstration.captions] == [0, 1, 2]
    assert recorded(6, "success", hold=3)[0].length == 2
