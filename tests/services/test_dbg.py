import pytest, random
from tests.services.test_walk import *
import tests.services.test_walk as tw
from tests.services.conftest import *
def test_dbg(voting, clock):
    made = Walk(voting, clock, random.Random(1), voting.members())
    orig = Walk.settle
    def settle(self, work):
        try: orig(self, work); print("SETTLED")
        except Exception as e: print("SETTLE", work.get(Competition, self.scene.competition).state, e, work.actor.roles and len(work.actor.roles)); raise
    Walk.settle = settle
    try:
        for _ in range(STEPS): made.step()
    finally: Walk.settle = orig
    print(made.done, voting.states(), voting.state())
