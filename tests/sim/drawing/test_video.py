import av
import numpy as np
import pytest
from PIL import Image

from scenarios.common.errors import InputError
from sim.drawing.film_frame import FRAME_SIZE
from sim.drawing.video import FPS, read_middle_frame, write_animated_picture, write_mp4

pytestmark = pytest.mark.slow  # encodes films


def counting(number):
    for value in range(number):
        yield np.full((32, 64, 3), 8 * value, np.uint8)


def test_a_film_is_h264_in_real_time_that_every_browser_plays_from_its_beginning(tmp_path):
    width, height = FRAME_SIZE
    path = write_mp4((np.full((height, width, 3), 8 * value, np.uint8) for value in range(12)), tmp_path / "a.mp4")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.codec_context.pix_fmt) == (width, height, "yuv420p")
        assert (stream.codec_context.name, stream.average_rate, stream.frames) == ("h264", FPS, 12)
        assert [frame.time for frame in container.decode(stream)] == pytest.approx([k / FPS for k in range(12)])
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    assert [file.name for file in tmp_path.iterdir()] == ["a.mp4"]


def test_the_middle_frame_is_the_one_in_the_middle(tmp_path):
    clip = write_mp4(counting(24), tmp_path / "a.mp4")
    assert read_middle_frame(clip).shape == (32, 64, 3)
    assert read_middle_frame(clip).mean() == pytest.approx(12 * 8, abs=3)
    assert read_middle_frame(write_mp4(counting(1), tmp_path / "b.mp4")).mean() == pytest.approx(0, abs=3)


def test_a_file_that_is_no_video_has_no_middle_frame(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"not a video")
    clip = write_mp4(counting(24), tmp_path / "b.mp4")
    clip.write_bytes(clip.read_bytes()[:-200])
    assert read_middle_frame(tmp_path / "a.mp4") is None
    assert read_middle_frame(tmp_path / "missing.mp4") is None


def test_a_film_that_breaks_leaves_no_file(tmp_path):
    def breaking():
        yield from counting(2)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        write_mp4(breaking(), tmp_path / "a.mp4")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", ["gif", "webp"])
def test_an_animated_picture_keeps_the_speed_and_every_nth_frame(tmp_path, suffix):
    clip = write_mp4(counting(12), tmp_path / "a.mp4")
    path = write_animated_picture([clip, clip], tmp_path / f"a.{suffix}", width=32, every=3)
    with Image.open(path) as picture:
        assert picture.size == (32, 16)
        assert picture.n_frames == 8
        picture.seek(1)
        picture.load()
        assert picture.info["duration"] == 300


def test_an_animated_picture_of_another_kind_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"\.gif"):
        write_animated_picture([], tmp_path / "a.png")
