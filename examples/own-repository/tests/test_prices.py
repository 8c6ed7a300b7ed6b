"""What the shop promises about prices."""

from __future__ import annotations

import unittest

from shop import prices


class Prices(unittest.TestCase):
    """Each function with its edges."""

    def test_tax_is_rounded_half_up(self) -> None:
        """50 and more of a hundredth is a cent."""
        self.assertEqual([prices.with_tax(c, 19) for c in (0, 100, 50, 3)], [0, 119, 60, 4])

    def test_a_discount_never_goes_below_zero(self) -> None:
        """Also above a hundred percent."""
        self.assertEqual([prices.discounted(100, p) for p in (0, 10, 100, 150)], [100, 90, 0, 0])
        self.assertEqual(prices.discounted(99, 10), 90)

    def test_an_order_is_summed(self) -> None:
        """Lines of nothing are free."""
        self.assertEqual(prices.total([]), 0)
        self.assertEqual(prices.total([(100, 2), (50, 1), (7, 0), (9, -1)]), 250)

    def test_amounts_are_read(self) -> None:
        """With and without cents."""
        read = [prices.parse_amount(t) for t in ("12.50", " 7 ", "0.5", "3.456")]
        self.assertEqual(read, [1250, 700, 50, 345])

    def test_amounts_are_written(self) -> None:
        """With two digits and their sign."""
        told = [prices.written(c) for c in (1250, -5, 0, 7)]
        self.assertEqual(told, ["12.50", "-0.05", "0.00", "0.07"])

    def test_shares_add_up(self) -> None:
        """The first ones take what is left."""
        self.assertEqual(prices.shares(100, 3), [34, 33, 33])
        self.assertEqual(prices.shares(4, 4), [1, 1, 1, 1])
        self.assertEqual(prices.shares(2, 3), [1, 1, 0])

    def test_shipping_by_weight_and_value(self) -> None:
        """At the edges of both."""
        cases = [(1000, 4999), (1001, 4999), (1001, 5000), (1, 0)]
        self.assertEqual([prices.shipping(*c) for c in cases], [490, 690, 0, 490])

    def test_the_cheapest_offer(self) -> None:
        """The alphabet decides between equals."""
        self.assertEqual(prices.cheapest({"b": 3, "a": 3, "c": 4}), "a")
        self.assertEqual(prices.cheapest({"b": 2, "a": 3}), "b")
        self.assertEqual(prices.cheapest({}), "")

    def test_points_are_doubled_for_members_and_bounded(self) -> None:
        """Full euros alone count."""
        earned = [prices.points(*c) for c in ((199, False), (199, True), (40_000, True), (0, True))]
        self.assertEqual(earned, [1, 2, 500, 0])

    def test_vouchers_are_checked(self) -> None:
        """Letters, dash, digits and their sum."""
        right = [prices.is_voucher(c) for c in ("AB-19", "xy-0", "AB-555555551")]
        wrong = [prices.is_voucher(c) for c in ("AB-18", "A-19", "A1-19", "AB19", "AB-", "AB-1x9")]
        self.assertEqual((right, wrong), ([True, True, False], [False] * 6))

    def test_the_median(self) -> None:
        """Of none, odd and even many."""
        found = [prices.median(p) for p in ([], [3], [9, 1, 5], [4, 1], [8, 2, 4, 1])]
        self.assertEqual(found, [0.0, 3.0, 5.0, 2.5, 3.0])


if __name__ == "__main__":
    unittest.main()
