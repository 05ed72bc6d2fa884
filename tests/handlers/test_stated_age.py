"""Who says that they are a minor, after agreeing as an adult: read, held, and told to admins."""

import pytest

from handlers.stated_age import says_minor
from shop import admin_reviews
from shop.orders import orders
from shop.photos import reviews
from shop.records import Order, OrderState, Photo, PhotoState
from tests.channels import TELEGRAM
from tests.handlers.dialogue_harness import BOSS, DialogueHarness
from tests.handlers.test_album import TO_ALBUM
from tests.handlers.test_alive import TO_RELATION
from tests.handlers.test_journey import TO_BILL, TO_PHOTOS, TO_STUDIO
from tests.handlers.test_linking import link

SAID = {
    "en": (
        """
        hi there! I'm 17, would you still take me? | I'm 16 🥲 | i'm 15 but my parents agreed |
        Hello, I am 17. Can I still pay? | I'm 17, not 18 yet | I am not 18 yet |
        I'm not eighteen yet | haven't turned 18 | I haven't turned eighteen yet |
        I'm still under 18 | I'm under eighteen | i'm 17 does that matter? | wait I'm 17 |
        oh no I'm 17 | um, I'm 16 | I'm only sixteen, sorry | I'm 17 today! |
        it's my birthday, I turn 17 today | I'm a 16 year old boy | I'm still a minor |
        I'm underage, can I continue? | I am 14 years old, is it allowed? |
        I don't turn 18 until June | I won't be 18 until June | I am 17 and my mom pays |
        so I'm 17, what happens now? | I'm 17?? is it fine | well I'm 17 ok | I'm 17 :( |
        I'm 13 ❤️ please | I'm below 18 | I'm younger than 18 | I'm less than 18 years old |
        I'll turn 18 next year | i am seventeen is this allowed | I'm 17 will you refund me |
        here’s my problem: I'm 17 | I should say I'm 17 | I want to send photos but I'm 17 |
        i lied about my age | im 17 does it work for me | I'm 17... can I? |
        I'm a 17-year-old girl | I'm almost 18 | I'm 17 | im 16 btw | I am 17 years old |
        I’m only 15, is that ok? | 17 years old | hi! I'm seventeen |
        I'm 17 and I want portraits | I am a minor | I'm not 18 yet |
        Hey quick question, I'm 16, will that work? | ok so i'm 17 and idk if i'm allowed |
        I'm 17 rn | I'm 17 if that's a problem | Hi I'm a 16yo | I'm 15 years old!! 😭 |
        i am only 14 | i'm 17, turning 18 in march | I'm still 17 |
        I'm 17 though my birthday is next week | i'm not 18 until may | actually im not 18 |
        not 18 yet | I'm not of age | I'm not an adult yet | I'm 17 👍 | I'm 17 = ok? |
        im sixteen can i still do it | should i tell you i'm 17? | i haven't reached 18 yet |
        I'm 17 years and 8 months old | I will turn 18 in June | sorry but I'm a minor |
        i'm underage lol | im 17 u ok with that | I am 17 yrs
        """,
        """
        my daughter is 17 | I have 17 photos | when I was 17 | I look 17 |
        I'm 17 weeks pregnant | I'm 17 minutes away | I'm not 17 | ID says 27 |
        my son turned 17 today | is my 17 year old son allowed? |
        my sister hasn't turned 18 yet | she's under 18 | what if someone is under 18? |
        can I use it for my daughter? she's 16 | I was 16 in this picture |
        back when I was 15 | I'm 17 years sober | I'm 17 days late | I'm 17th in line |
        I'm 17 percent done | I'm 12 hours behind you | I'm 10 photos in | I'm 15 mins late |
        I'm 17 km from you | I'm not a minor anymore | I'm no longer under 18 |
        I haven't turned 30 yet | I'm 18 today | I'm 37 🙂 | I just turned 18 |
        my friend is not 18 yet | I took 17 of them | do I have to be 18? |
        are minors allowed? | must everyone be over 18 | I'm 17 pounds lighter today |
        I'm 17 years older now | he says I'm 17 | they told me I'm 17 😂 |
        I'm 17 out of 20 there | the girl on the left hasn't turned 18 |
        I'm 9 photos short, is that ok? | I'm 12 euros short is it ok? | I'm 10 steps ahead |
        here I'm 17 | in this photo I'm 17 | your check thinks I'm a minor |
        it says "I'm a minor" but I'm 30 | I'm a minor celebrity | I'm a 10 | pretend I'm 17 |
        I'm less than 18 minutes away | I'm 17 years married | my son is 17 |
        my son says I'm 17 | 17 photos | 17 minutes | 17 | I'm 17 minutes late |
        I'm 5.9 feet tall | I'm 37 | I'm 18 | if I'm 17 can I use it? | i'm 9 months pregnant |
        I'm 15th in line | I'm not a minor | paint me as I was at 17 |
        my brother, who is 17, wants one | I've been doing this since I was 17 |
        I'm 17 floors up | I'm 15 seconds from done | I'm 10 years into my job |
        can 17 year olds use it? | someone said i'm 17 lol | I'm 17 cm shorter |
        is 17 enough? | I'm about 12 photos away | I'm 14 done 6 to go | I felt like I was 16 |
        I'm not under 18 at all | my cat is 17 | I'm 16 now in the photo | I'm 8 down |
        I'm turning 40 | I'm almost 50 | I'm turning 18 photos in |
        I won't be sending 18 photos | I'm under 18 euros | I haven't turned 18 photos in yet
        """,
    ),
    "zh_CN": (
        """
        你好，我17岁，可以做吗 | 请问我16岁可以吗 | 我17岁🙂 | 我17岁啊 | 我今天17岁 |
        我今天满17岁 | 我还没有满18岁 | 我还没满十八岁呢 | 我还没到十八岁 | 我未满18周岁 |
        我還沒成年 | 我是未成年，可以付款吗 | 我還未滿18歲 | 我今年16歲可以嗎 |
        請問我17歲可以用嗎 | 我才15岁，能付吗 | 我是十六岁的女生 | 我十七岁能买吗 |
        那个，我17岁 | 啊我才十六岁 | 我17岁要紧吗 | 我17岁会有问题吗 | 哈喽我十五岁 |
        老师您好我17岁 | 我17岁，妈妈同意了 | 我17岁还能退款吗 | 我不到十八 | 我还未成年呢 |
        我明年才18岁 | 我下个月才满18岁 | 我下個月滿18歲 | 我17岁不能用吧 | 17岁女生 |
        我也17岁 | 我快18岁了 | 老实说，我17岁 | 我还差两个月18岁 | 我不是成年人 | 17岁 |
        我今年十六岁 | 我今年17 | 你好，我17岁了，可以拍吗？ | 我是17岁的高中生 | 我还未成年 |
        我没满18岁 | 您好，我今年17岁，能做写真吗 | 我17岁哦可以吗 | 我还差三个月满18 |
        我是高中生，17岁 | 我还没到18岁呢 | 我17岁半 | 我今年刚16岁 | 我未满十八可以付吗 |
        我现在才17岁🥺 | 其實我還沒滿十八歲 | 我今年十七歲了 | 我未成年怎么办 |
        我未成年能付款吗 | 抱歉我才16岁 | 我十六啦 | 我是17岁的女生可以拍吗 | 我16周岁可以吗 |
        本人未满18岁
        """,
        """
        我女儿17岁 | 我有17张照片 | 我17岁的时候 | 我看起来17岁 | 我怀孕17周 | 我17分钟到 |
        我不是17岁 | 身份证上27岁 | 我儿子17岁可以拍吗 | 我妹妹未满18 | 她未成年 |
        孩子未满18可以吗 | 我怀孕17周了 | 我还没付款 | 我还没满意 | 我没到货 | 我37岁可以拍吗 |
        我已满18岁 | 我满十八岁了 | 我27歲 | 我女兒17歲可以嗎 | 我朋友还没成年 |
        我17号可以来吗 | 我17点可以来吗 | 我发17张可以吗 | 我10张可以吗 | 我12张够吗 |
        我十分着急 | 我十天了还没收到 | 我17日付的 | 我弟17岁能拍吗 | 未成年人可以用吗 |
        我带17岁的儿子可以吗 | 我和17岁的女儿一起拍可以吗 | 十七张可以吗 | 我今天十七张可以吗 |
        我今天17张 | 我17元可以吗 | 我老公今年37 | 不是说我17岁 | 照片上，我17岁 |
        朋友说：我17岁 | 我没有成年照 | 我17岁的孩子 | 我17岁生日照 | 我还没18张 | 我没满意 |
        我只有15，够吗 | 我儿子17岁 | 17张照片 | 17分钟 | 我17岁的儿子 | 我17岁时拍的照片 |
        我结婚17年了 | 我十八岁 | 我二十岁 | 我三十五岁 | 17岁能用吗 | 如果我17岁 |
        我不是未成年 | 我儿子未成年怎么办 | 我孩子还没满18岁 | 我家猫17岁 | 我当时17岁 |
        我女朋友今年17岁 | 我还没收到 | 我17岁那会儿 | 我未满足要求吗 | 我没满20张 |
        我刚满30岁 | 我10天了 | 我8点可以吗 | 我15张行吗 | 我今年70岁 | 我没有满意的 |
        我还差18张 | 我快18张了 | 我今年要交17元 | 我要17张 | 画成我十七岁的样子
        """,
    ),
    "fr": (
        """
        bonjour, j'ai 17 ans, est-ce que c'est possible ? | j'ai 16 ans 🙂 |
        salut j'ai 15 ans | j'ai 17 ans c'est bon ? | j'ai 17 ans, ça pose problème ? |
        euh j'ai 17 ans | je n'ai pas encore dix-huit ans | je ne suis pas encore majeur |
        je ne suis pas encore majeure | je suis pas majeure |
        je ne suis pas majeur, je peux payer ? | j'ai 17 ans aujourd'hui |
        j'ai pas 18 ans encore | je n'ai pas atteint 18 ans |
        j'aurai 18 ans l'année prochaine | je vais avoir 18 ans en juin | j'ai que 16 ans |
        je n'ai que seize ans | j'ai 17 ans c'est autorisé ? |
        j'ai 17 ans et ma mère est d'accord | j'ai seize ans, on peut continuer ? |
        coucou, j'ai 14 ans | mais j'ai 17 ans | je suis encore mineure |
        je suis toujours mineur | j'ai dix-sept ans est ce que ça va |
        bonsoir j'ai 17 ans merci | j'ai moins de dix-huit ans | je fais 18 ans en mai |
        j'ai 17 ans puis-je quand même payer | Je ne suis pas majeur(e) |
        je voudrais savoir si c'est possible, j'ai 17 ans | je suis une fille de 17 ans |
        mon âge : 17 ans | comme j'ai 17 ans, je peux ? | j'ai 16 ans |
        J’ai 17 ans, c’est possible ? | j'ai seize ans | je n'ai que 15 ans | 16 ans |
        je suis mineure | j'ai 17 ans et je voudrais un portrait |
        bjr j'ai 17 ans je peux quand même ? | j'ai 16 ans et demi 😊 |
        j'ai pas encore dix-huit ans | je suis pas encore majeur désolé |
        je suis mineur est-ce grave | j'ai 17 ans, c'est ok ? |
        j'ai 17 ans du coup ça marche ? | désolé je suis mineur |
        j'aurai 18 ans dans deux mois | en vrai j'ai 16 ans |
        j'ai 17 ans tu peux quand même ? | je n'ai que 17 ans et demi |
        je suis âgée de 16 ans | moi j'ai 15 ans | j'ai 17 ans. Ça va ? | j'ai 17 ans et toi |
        je suis une mineure | je ne suis pas encore majeure, ça pose problème ? |
        j'ai 17 ans, presque 18
        """,
        """
        ma fille a 17 ans | j'ai 17 photos | quand j'avais 17 ans | je fais 17 ans |
        j'ai l'air d'avoir 17 ans | je n'ai pas 17 ans | je suis à 17 minutes |
        je suis enceinte de 17 semaines | mon fils n'est pas majeur |
        ma fille n'a pas encore 18 ans | elle n'est pas majeure | il a 16 ans |
        je suis majeur | je suis majeure | je ne suis plus mineure | j'ai 17 ans d'expérience |
        j'ai 37 ans 🙂 | j'ai 27 ans aujourd'hui | mon fils, 17 ans, peut venir ? |
        j'ai un fils de 17 ans | j'ai une fille, elle a 17 ans | j'ai 17 ans sur la photo |
        faut-il avoir 18 ans ? | c'est interdit aux mineurs ? | et si j'ai 17 ans ? |
        j'ai 10 photos c'est bon ? | j'ai 12 euros c'est possible ? | j'ai 18 ans aujourd'hui |
        la pièce d'identité dit 27 ans | je ne suis pas un problème majeur |
        ce n'est pas un problème majeur | je n'ai pas 18 photos encore |
        j'attends depuis 15 minutes | sur cette photo j'ai 17 ans | on dirait que j'ai 17 ans |
        pourquoi dites-vous que je suis mineur | je suis mineur de fond | dès que j'ai 17 ans |
        j'ai 17 ans de mariage | mon fils a 17 ans | j'ai dix-huit ans | j'ai vingt-sept ans |
        j'ai 15 ans d'expérience | mon frère a 17 ans c'est possible ? |
        j'ai 17 ans de plus que lui | j'ai 15 photos, c'est bon ? |
        je ne suis pas majeure de promo | la fille de 17 ans à côté | j'avais 16 ans dessus |
        j'ai eu 17 ans en 1995 | j'ai 18 ans et demi | j'ai passé 17 ans là-bas |
        il n'a pas 18 ans | mon fils est mineur | je suis mère d'un mineur |
        j'ai presque 18 photos | j'ai 12 min | les mineurs sont acceptés ? |
        j'ai 40 ans aujourd'hui | ça a 17 ans | je n'ai pas 18 euros |
        j'ai 16 ans de carrière, c'est beaucoup | j'ai un enfant de 6 ans
        """,
    ),
    "ko": (
        """
        안녕하세요 저 17살인데요 | 안녕하세요, 17살인데 가능할까요? |
        저 16살인데 결제해도 되나요? | 저 17살이에요 🙂 | 17살이에요 괜찮을까요? |
        제가 아직 17살인데 되나요 | 저 열여섯 살인데 괜찮아요? | 아직 18살이 안 됐어요 |
        아직 열여덟 살이 안 됐어요 | 저 아직 18살 안 됐는데요 | 저는 아직 미성년자예요 |
        저 미성년자인데 결제되나요? | 저는 성인이 아니에요 | 아직 성인이 아닌데요 |
        만 16세인데 가능한가요 | 저 오늘 17살 됐어요 | 오늘 17살이에요 |
        죄송한데 저 17살이에요 | 저기요 저 17살인데요 | 근데 저 17살인데 | 저는 17세입니다 |
        제가 열일곱 살이라서요 | 저 17살인데 문제 있나요? | 저 17살인데 환불되나요 |
        사실 저 16살인데요 ㅠㅠ | 17살이라 걱정돼요 | 저는 18세 미만이에요 |
        만 18세 미만입니다 | 저 18살 미만인데요 | 내년에 18살 돼요 | 저 17살인데 써도 되나요 |
        17살ㅠㅠ | 나 17살 ㅋㅋ | 저희 둘 다 17살이에요 | 제 나이는 17이에요 | 열일곱 살 |
        저는 17살이에요 | 저 16살인데요 | 만 17세입니다 | 미성년자예요 | 나 열여섯 살이야 |
        저 17살인데 해도 될까요? | 안녕하세요 저 16살이에요 | 저는 17살 고등학생이에요 |
        저 아직 만 17세예요 | 저 사실 미성년자예요 | 전 열일곱 살인데 괜찮나요 |
        저 17살이라서 안 되나요? | 아직 미성년자인데요 | 저 내년에 18살이에요 |
        저는 만 18세가 안 됐어요 | 제가 미성년자인데 결제 가능한가요 | 17세인데요 가능한가요 |
        저 17살이에요!! 😅 | 나 16살인데 어떡해 | 저 성인 아니에요 |
        저는 아직 성인이 아닙니다 | 저 17살이고 엄마가 허락했어요 | 만 16세입니다 괜찮을까요 |
        저 이제 막 17살 됐어요
        """,
        """
        딸이 17살이에요 | 사진이 17장 있어요 | 제가 17살 때 | 저 17살처럼 보여요 |
        임신 17주예요 | 17분 걸려요 | 저 17살 아니에요 | 신분증엔 27살이에요 |
        제 아들이 17살인데 괜찮아요? | 우리 딸 17살인데 되나요? |
        동생이 미성년자인데 괜찮아요? | 제 동생은 아직 18살이 안 됐어요 | 친구가 17살인데요 |
        저 37살인데 괜찮아요? | 저 27살이에요 🙂 | 저 17장인데 괜찮아요? |
        저 10장인데 되나요? | 사진 12장인데 가능한가요 | 17일인데 언제 돼요? | 저 17분 늦어요 |
        17살 때 찍은 건데 괜찮아요? | 17살 때 사진인데 되나요 | 미성년자도 가능한가요? |
        미성년자는 결제 못 하나요 | 저는 성인이에요 | 저 성인인데요 | 저 이제 18살 됐어요 |
        17살 아들이 있어요 | 17살짜리 딸인데 되나요 | 조카가 17살이에요 |
        사진 속 저는 17살이에요 | 옛날 사진이라 17살이에요 | 딸아이가 아직 성인이 아니에요 |
        아들이에요. 그런데 17장이에요 | 18세 미만은 안 되나요? | 18살이 안 돼도 되나요 |
        왜 미성년자래요 | 저는 열이 나요 | 이 사진에서 저는 17살이에요 |
        아들이 열일곱 살이에요 | 열일곱 살 아들 사진 | 사진 17장 | 17분 | 스물일곱 살이에요 |
        열여덟 살이에요 | 우리 딸, 열여섯 살 | 미성년자 아니에요 |
        제 친구가 17살인데 같이 해도 되나요 | 우리 강아지 17살이에요 |
        저 17일 전에 결제했어요 | 저 17층에 있는데요 | 저는 17장인데요 | 저 10분 뒤에 할게요 |
        17살 딸을 둔 엄마예요 | 저는 17살 딸이 있는데요 | 저 17살 아들이 있어요 |
        저는 17년 됐어요 | 열여섯 장인데 괜찮아요? | 저 미성년자 자녀가 있어요 |
        미성년자가 아니에요 | 저 18살이에요 | 저 20살인데 괜찮아요? |
        저는 17세 딸의 엄마인데요 | 17세기 그림처럼 | 저 17살 같죠? |
        저 열 장 보냈는데 괜찮아요? | 저는 47살이에요
        """,
    ),
}
"""In each language: who says it of themselves, and what is of somebody or something else."""


@pytest.mark.parametrize("language", SAID)
def test_of_themselves_and_of_nobody_else(language: str) -> None:
    own, others = (
        [text.strip() for text in block.replace("\n", " | ").split("|") if text.strip()]
        for block in SAID[language]
    )
    assert min(len(own), len(others)) > 30
    assert not [text for text in own if not says_minor(text)]
    assert not [text for text in others if says_minor(text)]


def test_is_read_in_time_that_grows_with_the_text_alone() -> None:
    """Each of these would be read in very many ways by nested quantifiers, for hours."""
    for repeated in ("我刚满", "저는아직만", "im only just ", "j'ai que à peine ", "i've turned "):
        assert not says_minor(repeated * 100)


async def test_unpaid_photos_wait_for_a_person_who_finds_an_adult(harness: DialogueHarness) -> None:
    boss, anna = harness.guest(BOSS), harness.guest("anna")
    await harness.play(boss, "> hello")
    await harness.play(anna, TO_ALBUM)
    await harness.play(
        anna,
        """
        > I'm 17
        < This bill is out of date: because of what you said about your age, your photos wait
        ! make you a new one
        < adults only: 18 and over. Your photos are held until a member of staff has looked at them
        < I’m telling a member of staff
        > that's all
        < I only make avatars of adults
        """,
    )
    told = "\n".join(boss.lines)
    assert "⚠ playground:anna writes that they are a minor" in told
    assert "photos held: 20" in told
    assert "20 pictures wait to be looked at" in told
    async with harness.database.begin() as tx:
        held = await tx.find(Photo, state=PhotoState.HELD)
        for photo in held[:16]:
            await reviews.approve(tx, photo, harness.now)
    await harness.play(anna, "* the photos are checked\n> that's all\n[done:go]\n< (bill:")


async def test_nobody_to_tell(harness: DialogueHarness) -> None:
    """No button leads to a person, and none is promised."""
    anna = harness.guest("anna")
    await harness.play(
        anna,
        TO_ALBUM
        + """
        > I'm 17
        < Nobody at the studio can be reached through me at the moment; /erase deletes everything.
        ! Ask a person
        ! telling a member of staff
        ! say so to a person
        """,
    )


async def test_what_is_paid_goes_on_until_an_admin_decides(harness: DialogueHarness) -> None:
    boss, anna = harness.guest(BOSS), harness.guest("anna")
    await harness.play(boss, "> hello")
    await harness.play(anna, TO_BILL + "[Pay here in the chat]\n* a worker trains")
    await harness.play(
        anna, "> 17岁\n< adults only\n! Your photos are held\n> 열일곱 살\n> j'ai 16 ans"
    )
    async with harness.database.snapshot() as tx:
        (order,) = await tx.find(Order)
        assert order.state is OrderState.PAID
    told = [line for line in boss.lines if "writes that they are a minor" in line]
    assert f"Order: {order.id[:8].upper()} (paid, in the making), photos held: 0" in told[0]
    await harness.play(boss, f"> /refund {order.id}\n< /refund done")
    async with harness.database.snapshot() as tx:
        assert await orders.current(tx, await harness.user_in(tx, anna)) is None


async def test_what_comes_later_is_held_too_also_in_another_order(harness: DialogueHarness) -> None:
    """Said to a stranger's screen, between two photos, and in spite of a new beginning; until
    somebody of the studio has seen an adult."""
    anna = harness.guest("anna")
    await harness.play(anna, "> hello\n> I'm 17\n< wait until a member of staff\n! telling")
    await harness.play(
        anna,
        TO_PHOTOS.replace("< 20 is best, 12 is the least", "< don’t count until\n! is best")
        + """
        + 3 photos
        * the photos are checked
        < Because of what you said about your age, 3 photos wait for a member of staff.
        < There’s nothing more to send for now.
        ! unsure
        ! minimum
        ! How to take good ones
        > blorp
        < 3 photos wait for a member of staff. There’s nothing more to send
        > that's all
        < I only make avatars of adults, and you said you’re under 18
        ! look like
        > /mydata
        < you said you’re under 18
        > /cancel
        [Cancel it]
        [Portraits of me]
        [Woman]
        """
        + "+ 20 photos\n> I'm 17\n* the photos are checked\n> that's all\n< only make avatars of",
    )
    async with harness.database.begin() as tx:
        assert not await tx.find(Photo, state=PhotoState.ACCEPTED)
        unseen, first, *others = await tx.find(Photo, state=PhotoState.HELD)
        assert len(others) == 18
        # A button from before: what was shown there was not what they say.
        await admin_reviews.approve(tx, "playground:boss", unseen.id, harness.now)
        assert (await harness.user_in(tx, anna)).stated_minor_at
        await admin_reviews.look(tx, harness.cipher, "playground:boss", first.id, harness.now)
        await admin_reviews.approve(tx, "playground:boss", first.id, harness.now)
    await harness.play(anna, "+ 2 photos\n* the photos are checked\n> /mydata\n! under 18")
    async with harness.database.begin() as tx:
        assert await tx.count(Photo, state=PhotoState.ACCEPTED) == 4
        assert await tx.count(Photo, state=PhotoState.HELD) == 18, "each has an ok of its own"


@pytest.mark.parametrize("said", ["before", "while it is looked at", "after"])
async def test_a_picture_that_is_to_come_alive_is_held_too(
    harness: DialogueHarness, said: str
) -> None:
    boss, anna = harness.guest(BOSS), harness.guest("anna")
    word, held = "> I'm 17\n< adults only\n", "< a member of staff will look at it first\n"
    before = word if said == "before" else ""
    while_looked = word if said == "while it is looked at" else ""
    after = word if said == "after" else ""
    send = f"+ 1 photo\n{while_looked}* the photo is looked at\n{after}{held}"
    await harness.play(boss, "> hello")
    await harness.play(anna, TO_RELATION + before + "[It’s me]\n" + send)
    await harness.play(boss, "> /review\n< Perhaps a minor: who sent it says so")
    await harness.play(anna, "* the photo is approved\n< How shall it move?")
    await harness.play(anna, "[Bring a photo alive]\n[It’s me]\n+ 1 photo")
    await harness.play(anna, "* the photo is looked at\n< How shall it move?")


async def test_who_links_a_chat_in_which_they_said_so(harness: DialogueHarness) -> None:
    """What had been accepted in the other one waits as well."""
    anna, phone = harness.guest("anna"), harness.guest("7001", platform=TELEGRAM)
    await harness.play(anna, TO_ALBUM)
    await harness.play(phone, "> hello\n> I'm 17\n< adults only")
    await link(harness, anna, phone)
    async with harness.database.begin() as tx:
        assert not await tx.count(Photo, state=PhotoState.ACCEPTED)
        assert await tx.count(Photo, state=PhotoState.HELD) == 20
    await harness.play(anna, "> that's all\n< only make avatars of")


async def test_before_the_terms_and_in_a_finished_studio(harness: DialogueHarness) -> None:
    """Before agreeing nobody has said that they are an adult, and no admin is called."""
    boss, anna = harness.guest(BOSS), harness.guest("anna")
    await harness.play(boss, "> hello")
    await harness.play(anna, "> hello\n> I'm 17\n! telling a member of staff")
    assert "minor" not in "\n".join(boss.lines)
    bea = harness.guest("bea")
    await harness.play(bea, TO_STUDIO + "> I'm 17\n< I’m telling a member of staff")
    async with harness.database.snapshot() as tx:
        (order,) = await tx.find(Order)
    number = order.id[:8].upper()
    told = f"Order: {number} (done), photos held: 0. Stop and give back what is paid: /refund"
    assert f"{told} {number}. Let nothing" in "\n".join(boss.lines)
    await harness.play(boss, f"> /refund {number}\n< /refund done")
    await harness.play(bea, "> I'm 17")
    assert f"Order: {number} (refunded), photos held: 0. Let nothing" in "\n".join(boss.lines)
