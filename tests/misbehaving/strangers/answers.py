# ruff: noqa: PLE0303, RUF012  a stranger's file
"""Policies that answer what no simulation can drive, and some that answer in an unusual way."""

import array
import ctypes
import decimal

import numpy as np
from calm import Calm


class Nan(Calm):
    cause = r"act returned \[nan, nan, nan\]"

    def alter(self, actions, batch):
        return actions * np.nan


class Infinite(Calm):
    cause = r"act returned \[0, inf, 0\]"

    def alter(self, actions, batch):
        return np.where(actions > 0, np.inf, actions)


class Enormous(Calm):
    cause = r"act returned \[0, inf, 0\]"

    def alter(self, actions, batch):
        return actions.astype(np.float64) * 1e300


class OneColumnLess(Calm):
    cause = r"act returned shape \(10, 2\), expected \(10, 3\)"

    def alter(self, actions, batch):
        return actions[:, :2]


class OneRowMore(Calm):
    cause = r"act returned shape \(11, 3\), expected \(10, 3\)"

    def alter(self, actions, batch):
        return np.concatenate([actions, actions[:1]])


class LiveRowsOnly(Calm):
    cause = r"act returned shape \(2, 3\), expected \(10, 3\)"

    def alter(self, actions, batch):
        return actions[batch.live]


class Scalar(Calm):
    cause = r"act returned shape \(\)"

    def alter(self, actions, batch):
        return 0.5


class Empty(Calm):
    cause = r"act returned shape \(0,\)"

    def alter(self, actions, batch):
        return []


class EmptyChunks(Calm):
    cause = r"act returned shape \(10, 0, 3\)"

    def alter(self, actions, batch):
        return np.zeros((10, 0, 3))


class FourAxes(Calm):
    cause = r"act returned shape \(1, 10, 1, 3\)"

    def alter(self, actions, batch):
        return actions[None, :, None]


class ManyAxes(Calm):
    cause = r"act returned shape \(1, 1, 1,"

    def alter(self, actions, batch):
        return np.zeros((1,) * 32)


class HugeChunk(Calm):
    cause = r"ValueError: act returned shape \(10, 1000000, 3\), which is too large to be actions"

    def alter(self, actions, batch):
        return np.broadcast_to(np.float32(0), (10, 1_000_000, 3))


class HugeAnswer(Calm):
    cause = r"ValueError: act returned shape \(\d+,\), which is too large"

    def alter(self, actions, batch):
        return np.broadcast_to(np.float16(0), (2**40,))


class Nothing(Calm):
    cause = r"TypeError: act returned a NoneType, not an array of actions"

    def alter(self, actions, batch):
        return None


class Words(Calm):
    cause = r"TypeError: act returned a str, not an array of actions"

    def alter(self, actions, batch):
        return "forward"


class Bytes(Calm):
    cause = r"TypeError: act returned a bytes, not an array of actions"

    def alter(self, actions, batch):
        return actions.tobytes()


class Dictionary(Calm):
    cause = r"TypeError: act returned a dict, not an array of actions"

    def alter(self, actions, batch):
        return {"actions": actions}


class Generator(Calm):
    cause = r"TypeError: float\(\) argument"

    def alter(self, actions, batch):
        return (row for row in actions)


class Ragged(Calm):
    cause = r"ValueError: setting an array element with a sequence"

    def alter(self, actions, batch):
        return [*actions.tolist()[:-1], [0.0]]


class NotNumbers(Calm):
    cause = r"ValueError: could not convert string to float: .*'left'"

    def alter(self, actions, batch):
        return [["left", "x", "y"]] * 10


class Objects(Calm):
    cause = r"TypeError: float\(\) argument|TypeError: int\(\) argument"

    def alter(self, actions, batch):
        return np.full((10, 3), object())


class Holes(Calm):
    """None among numbers is NaN to NumPy."""

    cause = r"act returned \[0, nan, 0\]"

    def alter(self, actions, batch):
        answer = actions.astype(object)
        answer[:, 1] = None
        return answer


class Dates(Calm):
    cause = r"TypeError: act returned an array of datetime64, not of numbers"

    def alter(self, actions, batch):
        return np.full((10, 3), np.datetime64("NaT"))


class Records(Calm):
    cause = r"TypeError: act returned an array of \[\('v', '<f4'\), \('w', '<f4'\)\], not of numbers"

    def alter(self, actions, batch):
        return np.zeros((10, 3), [("v", np.float32), ("w", np.float32)])


class TheAnswerItself(Calm):
    cause = r"TypeError"

    def alter(self, actions, batch):
        return self


class HoldsItself(Calm):
    cause = r"ValueError: setting an array element|RecursionError|TypeError"

    def alter(self, actions, batch):
        answer = []
        answer.append(answer)
        return answer


class ArrayRaises(Calm):
    cause = r"RuntimeError: no array \(answers.py"

    def alter(self, actions, batch):
        class Evil:
            def __array__(self, dtype=None, copy=None):
                raise RuntimeError("no array")

        return Evil()


class ArrayLies(Calm):
    cause = r"ValueError: object __array__ method not producing an array|TypeError"

    def alter(self, actions, batch):
        class Evil:
            def __array__(self, dtype=None, copy=None):
                return "forward"

        return Evil()


class NegativeLength(Calm):
    cause = r"ValueError|TypeError"

    def alter(self, actions, batch):
        class Evil:
            def __len__(self):
                return -5

            def __getitem__(self, place):
                return 0.0

        return Evil()


class PointsNowhere(Calm):
    cause = r"its process ended \(killed by SIGSEGV"

    def alter(self, actions, batch):
        class Evil:
            __array_interface__ = {"shape": (10, 3), "typestr": "<f4", "data": (8, False), "version": 3}

        return Evil()


class SubclassRaises(Calm):
    """A subclass of arrays, all of whose methods raise."""

    def alter(self, actions, batch):
        class Evil(np.ndarray):
            def refuse(self, *arguments, **keywords):
                raise RuntimeError("not with me")

            __array_function__ = __array_ufunc__ = __getitem__ = __len__ = __iter__ = refuse
            copy = tobytes = astype = __eq__ = __bool__ = refuse
            shape = size = dtype = property(refuse)

        return actions.view(Evil)


class SubclassRaisesWhenMade(Calm):
    cause = r"RuntimeError: not finished \(answers.py"

    def alter(self, actions, batch):
        class Evil(np.ndarray):
            def __array_finalize__(self, source):
                raise RuntimeError("not finished")

        return actions.view(Evil)


class Masked(Calm):
    """What is masked is no answer, but its numbers are there."""

    def alter(self, actions, batch):
        return np.ma.masked_array(actions, mask=True)


class ReadOnly(Calm):
    def alter(self, actions, batch):
        actions.flags.writeable = False
        return actions


class NotContiguous(Calm):
    def alter(self, actions, batch):
        wide = np.zeros((20, 9), np.float32)
        wide[::2, ::3] = actions
        return wide[::2, ::3]


class Backwards(Calm):
    """Negative strides, columns first, another order of bytes."""

    def alter(self, actions, batch):
        return np.asfortranarray(actions[::-1]).astype(">f8")[::-1]


class Matrix(Calm):
    def alter(self, actions, batch):
        return np.asmatrix(actions.astype(np.float16))


class TextOfNumbers(Calm):
    def alter(self, actions, batch):
        return [[str(value) for value in row] for row in actions]


class Decimals(Calm):
    def alter(self, actions, batch):
        return [tuple(decimal.Decimal(int(value)) for value in row) for row in actions]


class Whole(Calm):
    def alter(self, actions, batch):
        return actions.astype(bool)


class Buffer(Calm):
    def alter(self, actions, batch):
        return memoryview(actions)


class ForeignMemory(Calm):
    def alter(self, actions, batch):
        return (ctypes.c_float * 3 * len(actions)).from_buffer_copy(array.array("f", actions.ravel()))


class Complex(Calm):
    cause = r"TypeError: act returned an array of complex128, not of numbers"

    def alter(self, actions, batch):
        return actions.astype(complex)


class RewritesItsAnswer(Calm):
    """Writes into the answer that it gave before."""

    def alter(self, actions, batch):
        if hasattr(self, "before"):
            self.before[:] = np.nan
        self.before = actions
        return actions


class SameArray(Calm):
    """Answers with what it was given."""

    cause = r"act returned shape \(10, 6\)"

    def alter(self, actions, batch):
        return batch.agent_pos
