"""scratch: pictures of every page"""
import os
import pytest
from tests.browser import world
pytestmark=[pytest.mark.browser]
OUT=os.environ.get("GALLERY","/tmp/gallery")
ONLY=os.environ.get("ONLY","")
SIZES={"desktop":(1280,800),"phone":(390,844),"narrow":(320,640)}
def shoot(page,name):
    for scheme in ("light","dark"):
        for size,(w,h) in SIZES.items():
            if size=="narrow" and scheme=="dark": continue
            page.set_viewport_size({"width":w,"height":h}); page.emulate_media(color_scheme=scheme)
            page.evaluate("document.activeElement.blur()")
            page.screenshot(path=f"{OUT}/{name.replace(' ','-').replace(',','')}.{size}.{scheme}.png",full_page=True,animations="disabled")
            over=page.evaluate("document.documentElement.scrollWidth")
            if over>w: print("OVERFLOW",name,size,over)
def test_gallery(open_page,owner,editor):
    os.makedirs(OUT,exist_ok=True)
    names=world.fill(owner,editor)
    v=open_page()
    for k,u in world.VISITED.items():
        if ONLY in k: v.goto(u); shoot(v,k)
    s=open_page(owner)
    for k,u in world.SIGNED_IN.items():
        if ONLY in k: s.goto(u.format(**names)); shoot(s,k)
