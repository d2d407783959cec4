"""What differs between pictures of the same scenes: geometry, colours, brightness, sharpness.

The differences are found one after the other: the geometry that makes the pictures most alike, over all scenes at once,
then the order of the colours, then brightness and sharpness by comparison with the picture so changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from PIL import Image
from scipy import fft, ndimage

COARSE_SIDE = 112  # pixels of the longer side, in which geometry is searched
LARGEST_SHIFT = 0.15  # of the picture's sides
ZOOMS = tuple(1.7 ** (step / 12) for step in range(-12, 13))  # pictures are magnified by these, in steps of 4.5 %
STRETCHES = (4 / 3, 3 / 4, 16 / 9, 9 / 16)  # of wide pictures made square, and the other way round
WORTH = 0.01  # likeness that an explanation must add, so that a simpler one isn't taken
SURE = 0.97  # likeness of grey pictures at which no magnification is searched
SATURATED = (4, 250)  # levels; beyond them brightness can't be compared


@dataclass(frozen=True)
class Geometry:
    """A change of a picture that keeps its size: first mirrored and turned, then magnified, then moved.

    Attributes:
        mirrored: Left and right are exchanged.
        upside_down: Top and bottom are exchanged.
        zoom: Magnification about the middle; below 1 the picture shrinks, and its border is unknown.
        stretch: Horizontal magnification over the vertical one, which is ``zoom``.
        down_px, right_px: How far everything is moved.
    """

    mirrored: bool = False
    upside_down: bool = False
    zoom: float = 1.0
    stretch: float = 1.0
    down_px: float = 0.0
    right_px: float = 0.0


@dataclass(frozen=True)
class PictureDifference:
    """What turns one set of pictures into another.

    Attributes:
        geometry: The change of geometry.
        swapped_colours: Red and blue are exchanged.
        gain, offset: Brightness: levels are multiplied by the gain, then the offset is added.
        sharpness: Fine contrast, of that of the unchanged pictures with the same gain.
        likeness: Correlation of all pixels after all these changes: 1 for equal pictures.
        levels: Mean absolute difference of levels after all these changes, of 255.
    """

    geometry: Geometry
    swapped_colours: bool
    gain: float
    offset: float
    sharpness: float
    likeness: float
    levels: float


def compare_pictures(live: Sequence[np.ndarray], stored: Sequence[np.ndarray]) -> PictureDifference:
    """Find what turns live pictures into the stored ones of the same scenes, all (H, W, 3) uint8 and of one size."""
    geometry = _find_geometry(live, stored)
    changed = [change_geometry(picture, geometry) for picture in live]
    swapped = _likeness([p[..., ::-1] for p in changed], stored) > _likeness(changed, stored) + WORTH
    if swapped:
        changed = [picture[..., ::-1] for picture in changed]
    gain, offset = _fit_brightness(changed, stored)
    bright = [np.clip(picture * gain + offset, 0.0, 255.0) for picture in changed]
    return PictureDifference(
        geometry,
        swapped,
        gain,
        offset,
        _compare_sharpness(bright, stored),
        _likeness(bright, stored),
        float(np.mean([np.nanmean(np.abs(a - b)) for a, b in zip(bright, stored, strict=True)])),
    )


def change_geometry(picture: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Change a picture (H, W) or (H, W, 3); pixels that it doesn't show become NaN."""
    rows = slice(None, None, -1 if geometry.upside_down else 1)
    columns = slice(None, None, -1 if geometry.mirrored else 1)
    turned = picture[rows, columns].astype(np.float32)
    if geometry == Geometry(geometry.mirrored, geometry.upside_down):
        return turned
    middle = (np.array(turned.shape[:2]) - 1.0) / 2.0
    moved = middle + np.array([geometry.down_px, geometry.right_px])
    scale = np.array([1.0, 1.0 / geometry.stretch]) / geometry.zoom
    offset = middle - moved * scale
    planes = np.atleast_3d(turned)
    if scale.max() > 1.0:  # fine detail would turn into noise
        planes = ndimage.gaussian_filter(planes, (*np.where(scale > 1.0, 0.4 * scale, 0.0), 0.0))
    warped = [
        ndimage.affine_transform(planes[..., index], scale, offset, order=1, cval=np.nan)
        for index in range(planes.shape[2])
    ]
    return np.stack(warped, axis=-1).reshape(turned.shape)


def _find_geometry(live: Sequence[np.ndarray], stored: Sequence[np.ndarray]) -> Geometry:
    """Search orientations and shifts, then magnifications, at low resolution; then around the best."""
    factor = COARSE_SIDE / max(live[0].shape[:2])
    small, wanted = ([_shrink(picture, factor) for picture in pictures] for pictures in (live, stored))
    turned = [Geometry(*each) for each in sorted(product((False, True), repeat=2), key=sum)]
    best, likeness = _choose_geometry(small, wanted, turned)
    if likeness < SURE:
        zoomed = [replace(each, zoom=zoom) for each in turned for zoom in ZOOMS]
        best, likeness = _choose_geometry(small, wanted, zoomed, best, likeness)
    if likeness < SURE:
        stretched = [
            replace(each, zoom=zoom, stretch=stretch)
            for each in turned
            for stretch in STRETCHES
            for zoom in (1.0, 1.0 / stretch)
        ]
        best, likeness = _choose_geometry(small, wanted, stretched, best, likeness)
    scaled = replace(best, down_px=best.down_px / factor, right_px=best.right_px / factor)
    return _refine(live, stored, scaled, 1.0 / factor)


def _choose_geometry(
    live: Sequence[np.ndarray],
    stored: Sequence[np.ndarray],
    candidates: Sequence[Geometry],
    best: Geometry | None = None,
    best_likeness: float = -1.0,
) -> tuple[Geometry, float]:
    """Choose the geometry that makes pictures most alike, each as it is and with its best shift, or keep ``best``.

    Among orientations the simpler one is kept unless another is better by far.
    """
    best = best or candidates[0]
    for candidate in candidates:
        for moved in (candidate, _find_shift(live, stored, candidate)):
            likeness = _likeness([change_geometry(picture, moved) for picture in live], stored)
            same_side = (moved.mirrored, moved.upside_down) == (best.mirrored, best.upside_down)
            if likeness > best_likeness + (WORTH / 4 if same_side else WORTH):
                best, best_likeness = moved, likeness
    return best, best_likeness


def _find_shift(live: Sequence[np.ndarray], stored: Sequence[np.ndarray], geometry: Geometry) -> Geometry:
    """Find the shift at which whitened pictures correlate best, over all scenes at once."""
    total = np.zeros(live[0].shape)
    for picture, wanted in zip(live, stored, strict=True):
        warped = np.nan_to_num(change_geometry(picture, geometry), nan=float(np.mean(picture)))
        spectra = [fft.rfft2(_fade_out(one)) for one in (wanted, warped)]
        shared = spectra[0] * np.conj(spectra[1])
        size = np.abs(shared)
        total += fft.irfft2(shared / (size + 1e-3 * size.max() + 1e-9), s=total.shape)
    height, width = live[0].shape
    down, right = np.meshgrid(fft.fftfreq(height, 1 / height), fft.fftfreq(width, 1 / width), indexing="ij")
    total[(np.abs(down) > LARGEST_SHIFT * height) | (np.abs(right) > LARGEST_SHIFT * width)] = -np.inf
    place = np.unravel_index(int(np.argmax(total)), total.shape)
    return replace(geometry, down_px=float(down[place]), right_px=float(right[place]))


def _refine(live: Sequence[np.ndarray], stored: Sequence[np.ndarray], geometry: Geometry, reach_px: float) -> Geometry:
    """Improve magnification and shift at full resolution, by ever smaller steps."""
    greys = [_grey(picture) for picture in live]
    wanted = [_grey(picture) for picture in stored]

    def likeness(candidate: Geometry) -> float:
        return _likeness([change_geometry(picture, candidate) for picture in greys], wanted)

    best, best_likeness = geometry, likeness(geometry)
    plain = Geometry(geometry.mirrored, geometry.upside_down)
    if best_likeness <= likeness(plain) + WORTH / 4:
        return plain
    steps_px, step_zoom = reach_px, 0.02 if (geometry.zoom, geometry.stretch) != (1.0, 1.0) else 0.0
    step_stretch = 0.02 if geometry.stretch != 1.0 else 0.0
    while steps_px >= 0.5:
        around = [
            *(replace(best, down_px=best.down_px + sign * steps_px) for sign in (-1, 1)),
            *(replace(best, right_px=best.right_px + sign * steps_px) for sign in (-1, 1)),
            *(replace(best, zoom=best.zoom * (1.0 + sign * step_zoom)) for sign in (-1, 1) if step_zoom),
            *(replace(best, stretch=best.stretch * (1.0 + sign * step_stretch)) for sign in (-1, 1) if step_stretch),
        ]
        values = [likeness(candidate) for candidate in around]
        if max(values) > best_likeness:
            best, best_likeness = around[int(np.argmax(values))], max(values)
        else:
            steps_px, step_zoom, step_stretch = steps_px / 2.0, step_zoom / 2.0, step_stretch / 2.0
    return best


def _likeness(one: Sequence[np.ndarray], other: Sequence[np.ndarray]) -> float:
    """Return the mean correlation of pictures, all their channels together, where both are known."""
    found = []
    for a, b in zip(one, other, strict=True):
        known = ~np.isnan(a)
        x, y = a[known] - a[known].mean(), b[known] - b[known].mean()
        size = float(np.sqrt(np.sum(x * x, dtype=np.float64) * np.sum(y * y, dtype=np.float64)))
        found.append(float(np.sum(x * y, dtype=np.float64)) / size if size > 0.0 else float(np.array_equal(a, b)))
    return float(np.mean(found))


def _fit_brightness(live: Sequence[np.ndarray], stored: Sequence[np.ndarray]) -> tuple[float, float]:
    """Fit levels of the stored pictures by a line over those of the live ones, where both are smooth and unsaturated.

    At edges a blurred picture has other levels at the same brightness.
    """
    low, high = SATURATED
    levels = []
    for a, b in zip(live, stored, strict=True):
        slope = ndimage.generic_gradient_magnitude(_grey(a), ndimage.sobel)
        smooth = slope <= np.nanmedian(slope)  # False where it is unknown
        middle = smooth[..., None] & (a > low) & (a < high) & (b > low) & (b < high)
        levels.append(np.stack([a[middle], b[middle]]).astype(np.float64))
    x, y = np.concatenate(levels, axis=1)
    if len(x) < 100 or np.ptp(x) < 1.0:
        return 1.0, 0.0
    gain, offset = np.polyfit(x, y, 1)
    return float(gain), float(offset)


def _compare_sharpness(live: Sequence[np.ndarray], stored: Sequence[np.ndarray]) -> float:
    """Return the fine contrast of stored pictures, of that of the live ones."""
    ratios = []
    for a, b in zip(live, stored, strict=True):
        fine = [np.abs(ndimage.laplace(_grey(picture))) for picture in (a, b)]
        known = ~np.isnan(fine[0])
        edges = known & (np.nan_to_num(fine[0]) >= np.quantile(fine[0][known], 0.98))
        ratios.append(float(fine[1][edges].mean() / max(float(fine[0][edges].mean()), 1e-6)))
    return float(np.median(ratios))


def _grey(picture: np.ndarray) -> np.ndarray:
    """Return the mean of the channels (H, W), which doesn't depend on their order."""
    found: np.ndarray = picture.mean(axis=-1, dtype=np.float32)
    return found


def _shrink(picture: np.ndarray, factor: float) -> np.ndarray:
    """Return a grey picture of lower resolution, (h, w) float32."""
    height, width = (max(8, round(side * factor)) for side in picture.shape[:2])
    return np.asarray(Image.fromarray(_grey(picture)).resize((width, height), Image.Resampling.BOX))


def _fade_out(picture: np.ndarray) -> np.ndarray:
    """Return a picture without its mean, that fades to 0 at its border."""
    rows, columns = np.hanning(picture.shape[0] + 2)[1:-1], np.hanning(picture.shape[1] + 2)[1:-1]
    faded: np.ndarray = (picture - picture.mean()) * rows[:, None] * columns
    return faded
