import time
from tests.web.client import *
def test_m(client, here):
    c=client.at_work("auditor")
    for p in ("/","/procedures",f"/procedures/competition/{here.screening}","/journal",f"/papers/{here.protocol}"):
        r=c.raw_get(p); t=time.perf_counter(); r=c.raw_get(p); t1=time.perf_counter(); pg=Page(r); t2=time.perf_counter(); check_page(pg,c._paths); t3=time.perf_counter()
        print(p,len(r.data),"render",round(t1-t,3),"parse",round(t2-t1,3),"check",round(t3-t2,3))
