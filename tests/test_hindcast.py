"""Does the hindcast plan from what was known, and count what came?

The sample's last quarter of 2025, planned from its first day. What came is added up here from the
export itself.
"""

import pandas as pd
import pytest

from accountplan.addin import demo
from accountplan.udfs import words as w
from tests.support import hindcast

AS_OF, UNTIL = pd.Timestamp(2025, 9, 30), pd.Timestamp(2025, 12, 31)


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return hindcast.hindcast(demo.sample_export(), AS_OF, UNTIL)


def test_what_came_is_what_the_accounts_of_each_book_bought(found: pd.DataFrame) -> None:
    export = demo.sample_export()
    owners = export.accounts.set_index(w.ACCOUNT_ID)[w.OWNER]
    deals = export.deals[export.deals[w.STATE] == w.WON]
    deals = deals[deals[w.CLOSE_DATE].between(AS_OF + pd.Timedelta(1, "D"), UNTIL)]
    came = deals[w.AMOUNT].groupby(deals[w.ACCOUNT_ID].map(owners)).sum()
    assert found.set_index(w.REP)[hindcast.CAME].to_dict() == pytest.approx(
        came.reindex(found[w.REP]).fillna(0.0).to_dict()
    )


def test_how_deals_ended_later_changes_nothing(found: pd.DataFrame) -> None:
    export = demo.sample_export()
    later = (export.deals[w.STATE] != w.OPEN) & (export.deals[w.CLOSE_DATE] > AS_OF)
    assert later.sum() > 100
    export.deals.loc[later, w.AMOUNT] = 987_654.0
    export.deals.loc[later, w.STATE] = w.WON
    other = hindcast.hindcast(export, AS_OF, UNTIL)
    bands = [w.REP, hindcast.P10, hindcast.P50, hindcast.P90]
    pd.testing.assert_frame_equal(found[bands], other[bands])
    assert (other[hindcast.CAME] > found[hindcast.CAME]).all()


def test_a_book_is_inside_where_what_came_lies_in_its_range(found: pd.DataFrame) -> None:
    inside = (found[hindcast.CAME] >= found[hindcast.P10]) & (
        found[hindcast.CAME] <= found[hindcast.P90]
    )
    assert found[hindcast.INSIDE].tolist() == inside.tolist()
