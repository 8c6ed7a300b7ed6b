"""Prices in whole cents."""

from __future__ import annotations


def with_tax(cents: int, percent: int) -> int:
    """The price with tax; half a cent and more is rounded up."""
    tax = cents * percent
    return cents + (tax + 50) // 100


def discounted(cents: int, percent: int) -> int:
    """The price after a discount in percent, never below zero."""
    left = cents - cents * percent // 100
    return left if left > 0 else 0


def total(lines: list[tuple[int, int]]) -> int:
    """The sum of an order's lines, each a price and a quantity; lines without quantity are free."""
    result = 0
    for price, quantity in lines:
        if quantity > 0:
            result += price * quantity
    return result


def parse_amount(text: str) -> int:
    """The cents in a text such as "12.50" or "7"; one digit after the dot counts tens of cents."""
    whole, _, part = text.strip().partition(".")
    part = (part + "00")[:2]
    return int(whole) * 100 + int(part)


def written(cents: int) -> str:
    """An amount as text: 1250 is "12.50", and -5 is "-0.05"."""
    sign = "-" if cents < 0 else ""
    size = abs(cents)
    return f"{sign}{size // 100}.{size % 100:02d}"


def shares(cents: int, people: int) -> list[int]:
    """An amount in even shares; the first ones take a cent more where it does not divide."""
    each, left = divmod(cents, people)
    return [each + 1 if place < left else each for place in range(people)]


def shipping(grams: int, cents: int) -> int:
    """What shipping costs: nothing from 50.00 on, else 4.90, and 2.00 more above a kilogram."""
    if cents >= 5000:
        return 0
    cost = 490
    if grams > 1000:
        cost += 200
    return cost


def cheapest(offers: dict[str, int]) -> str:
    """The name of the cheapest offer, the first in the alphabet where several are; "" of none."""
    if not offers:
        return ""
    least = min(offers.values())
    return min(name for name, price in offers.items() if price == least)


def label_of(name: str) -> str:
    """The name on the price tag: at most twelve letters, in capitals. No test looks at it."""
    return name.strip()[:12].upper()


def points(cents: int, is_member: bool) -> int:
    """Points of a purchase: one for each full euro, twice as many for members, at most 500."""
    earned = cents // 100
    if is_member:
        earned *= 2
    return min(earned, 500)


def is_voucher(code: str) -> bool:
    """Whether a text is a voucher: two letters, a dash, then digits whose sum ends in zero."""
    letters, dash, digits = code[:2], code[2:3], code[3:]
    if not letters.isalpha() or len(letters) < 2 or dash != "-" or not digits.isdigit():
        return False
    return sum(int(digit) for digit in digits) % 10 == 0


def median(prices: list[int]) -> float:
    """The price in the middle, or the mean of the two that are; zero of none."""
    if not prices:
        return 0.0
    ordered = sorted(prices)
    middle = len(ordered) // 2
    if len(ordered) % 2 == 1:
        return float(ordered[middle])
    return (ordered[middle - 1] + ordered[middle]) / 2
