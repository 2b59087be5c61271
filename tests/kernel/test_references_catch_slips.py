"""A reference that was misheard or mistyped is recognised, and ids are unique, ordered and of one form."""

import string
from itertools import pairwise, permutations, product
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_37_36

from participate.kernel.ids import ALPHABET, is_id, is_reference, new_id, new_receipt, new_reference

LENGTH = 9
SWAPS_PER_MISS = 435


def _checked(body: str) -> str:
    """`body` with its check character, by the published scheme."""
    return body + str(mod_37_36.calc_check_digit(body, ALPHABET))


references = st.text(ALPHABET, min_size=LENGTH - 1, max_size=LENGTH - 1).map(_checked)


@given(references)
def test_every_single_slip_is_caught(reference: str) -> None:
    assert is_reference(reference)
    for place, right in enumerate(reference):
        for wrong in set(ALPHABET) - {right}:
            assert not is_reference(reference[:place] + wrong + reference[place + 1 :])


def test_one_swap_of_neighbours_in_435_is_missed() -> None:
    """Over every state that what stands before a pair can leave the scheme in, and every pair."""
    swapped = [
        is_reference(before + second + first + _checked(before + first + second + "22222")[3:])
        for before in ALPHABET
        for first, second in permutations(ALPHABET, 2)
    ]
    assert len(swapped) == sum(swapped) * SWAPS_PER_MISS


def test_one_swap_with_the_check_character_in_435_is_missed() -> None:
    made = [_checked("222222" + before + last) for before, last in product(ALPHABET, repeat=2)]
    swapped = [is_reference(each[:7] + each[8] + each[7]) for each in made if each[7] != each[8]]
    assert len(swapped) == sum(swapped) * SWAPS_PER_MISS


@given(st.text(max_size=12))
def test_no_text_breaks_the_check(text: str) -> None:
    compact = text.replace("-", "").replace(" ", "").upper()
    assert is_reference(text) == (
        len(compact) == LENGTH and set(compact) <= set(ALPHABET) and _checked(compact[:-1]) == compact
    )


def test_a_reference_is_read_out_in_threes_and_taken_however_it_is_written() -> None:
    for _ in range(200):
        reference = new_reference()
        assert [len(part) for part in reference.split("-")] == [3, 3, 3]
        compact = reference.replace("-", "")
        for written in (reference, compact, compact.lower(), reference.replace("-", " "), f" {reference} "):
            assert is_reference(written)


def test_no_character_is_taken_for_another() -> None:
    """Nought and O, one, I and L, U and V: of each group there is one at most."""
    assert len(set(ALPHABET)) == 30
    assert set(ALPHABET) <= set(string.ascii_uppercase + string.digits)
    assert all(len(set(group) & set(ALPHABET)) <= 1 for group in ("0O", "1IL", "UV"))


def test_ids_are_version_7_and_come_in_order() -> None:
    made = [new_id() for _ in range(2000)]
    assert all(earlier < later for earlier, later in pairwise(made))
    assert {UUID(each).version for each in made} == {7}
    assert all(is_id(each) and is_id(each.upper()) for each in made)


def test_what_only_looks_like_an_id_is_none() -> None:
    plain = new_id()
    for text in ("", plain[:-1], plain + "0", plain.replace("-", ""), f"{{{plain}}}", f"urn:uuid:{plain}", f" {plain}"):
        assert not is_id(text)


def test_receipts_are_long_random_and_fit_an_address() -> None:
    made = {new_receipt() for _ in range(1000)}
    assert len(made) == 1000
    assert {len(receipt) for receipt in made} == {32}
    assert set("".join(made)) <= set(string.ascii_letters + string.digits + "-_")
