# Questions that people type, by what they ask. A phrase is words that must all be there, in any
# order: parted by spaces, phrases by "|", words that mean the same by "/"; "*" ends the beginning
# of a word. Words of every language are read, whichever a person chose.
words-ask-price = how much | how expensive | price* | cost* | pricing | fee/fees/charge/charges how/what/much | expensive/dear | cheap/cheaper it/this/too/anything/so/get | too pricey | what pay for/to | what/how damage | rate/rates what | dollar*/euro*/yuan/usd/bucks how/many/much | discount*/coupon*/promo*/sale
words-ask-free = costs/cost nothing/zero | its/it free | free | for nothing | no charge | gratis | trial | try without paying/money/buying | without paying/payment | do/must i have pay
words-ask-wait = taking forever/long/ages/time/while | how long | how soon | how many minutes/hours/days | when ready/done/finished/finish/get/receive/arrive/come | how much time | take/takes long/time/forever/while | still waiting | waiting/wait/waited so/since/hours/ages/long/time | eta | hurry | faster/quicker | slow/slowly | queue | today/tonight/tomorrow ready/have/get | processing time | turnaround
words-ask-safe = safe* | secure/security/secured | trust* | scam*/fraud/legit*/fake | hack*/leak/leaked/leaks/stolen/steal/breach* | encrypt* | risk*/danger* | privacy/private/gdpr | worried/afraid/scared/concern* photo*/picture*/data/face/pic/pics | protect* | misuse*/abuse*
words-ask-seen = sell/selling photo*/picture*/pics/images/selfies/data | see my photo*/picture*/pics/selfies/face/portrait* | who see/sees/look*/view/views/access*/has/watch* | anyone/anybody/somebody/someone/staff/employees/others/people/strangers see/look*/view/access/watch/reading | sell/sold/share/shared/give/pass data/photo*/picture*/face/selfie* third/other/others/anyone/companies/advertisers/somebody/else | train*/teach ai/other/model*/your/openai | public/publish*/online show/my/be/post*/appear/gallery/are | do you share/sell | third parties/party | use* my photo*/picture*/pics/face/selfies train*/for | do you look/see/view photo*/pictures/my/pics/at/selfies
words-ask-erased = pictures/photo*/pics/selfies/uploads/images deleted/erased/destroyed/removed | when/how/after/soon delete*/erase*/removed/destroy*/wiped/gone photo*/picture*/upload*/pics/selfies/image*/they/them | keep/kept/store/stored/save/saved/hold/retain* photo*/picture*/upload*/data/pics/selfies/them/image*/face how/do/are/you/long/where/forever | do/will you/are delete*/erase*/destroy* photo*/picture*/upload*/pics/selfies/image*/them/they | what happen*/become/becomes photo*/picture*/upload*/pics/selfies/image*/after/afterwards | retention | remain* server* photo*/picture*/upload*
words-ask-photos = makeup/glasses | which/wich photo*/pics/selfies/pictures send/upload | how many photo*/picture*/pics/pic/selfie*/image*/shots | which/what kind/sort/type/kinds/photo*/picture*/pics/selfie* need/send/upload/good/best/should/work*/use/want/take | minimum/maximum/enough photo*/picture*/pics/selfie*/images | do i need/send selfie*/photo*/pics/picture*/images | need twenty/20/12/fifteen/so/all/less/fewer/more photo*/picture*/selfie*/pics/images | only/just have photo*/picture*/pics/selfies | glasses/makeup/filter*/hat/sunglasses/beard/mask/smile/smiling | how should/do take/send/upload/look photo*/picture*/selfie*/pics/images | photo*/picture*/selfie*/pics recent/blurry/old/black ok/okay/allowed/fine/work | send videos/video instead
words-ask-avatar = whats/what avatar/lora | avatar | what is/s/mean*/exactly avatar/lora/digital/model | avatar mean*/work*/for/explain | explain avatar | what do/does/can avatar/it with/do | difference avatar/portrait* | how work* avatar/technology/model | keep/reuse/use avatar again/later/forever/next/long | long avatar last/stay/keep/valid/expire*
words-ask-begin = like headshot*/portrait*/photoshoot | how does it/this work | how work* this/it/bot | how start/begin/started | where start/begin | what do/should i now/first/next/do | what next/now | next step* | instructions/tutorial/guide/manual | how use this/bot/it/app/you | show me how | explain how/this | i want/would/d portrait*/photo*/picture*/pics/headshot*/photoshoot me/myself/my/some/of/shoot/to/a | make me/my/some portrait*/headshot*/pictures | not understand/get how/this/it | i m/im lost/confused/new | what is/s this/here | how do/can i order/get portrait*/photo*/pictures/avatar/one/headshot*
words-ask-size = what size images/photo*/pictures/portraits/are/files | what/which size/format*/resolution/quality/dpi/dimension*/pixel* | resolution* | pixel*/megapixel* | file/image size/type/format | how big/large | high/higher/hi/full res/resolution/quality/size/def | 4k/hd | jpg/jpeg/png/tiff/raw | print* big/large/size/poster/canvas/quality/enough/out/them/it/a4/wall/able | download* original*/file*/full/picture*/photo*/portrait*/hd/them/how/where/can | blurry/pixelated/grainy picture*/portrait*/result*/are/look/is | small/low too/so/resolution/res/quality picture*/portrait*/files/image*/are | sharp/sharper
words-ask-refund = refund* | money back | get back money/cash/paid/payment/stars | pay/paid back | not like/satisfied/happy result*/portrait*/pictures/it/them/with/photos | if bad/fails/fail/wrong/unhappy/ugly/disappoint* | guarantee* | return my money/payment/stars | reimburs* | what if like/work/don/good/fails/fail/go
words-ask-trouble = payed/paid nothing/still/but | payment not/won/failed | not/won go through | paid nothing/happen* | paid but | payment/pay/paid fail*/error/declin*/problem*/issue*/trouble*/stuck/pending/rejected/went/wrong/refused/hang*/nothing/still/but/not/yet | not/couldn/unable pay/checkout/purchase | card declin*/reject*/refus*/fail*/problem*/work*/accepted | charged/billed/paid/debited twice/two/double/again/but/wrong/nothing/more | double charge*/charged/billing | money/stars/payment gone/taken/disappear*/left/deduct*/lost/nothing/vanish* | checkout/till/transaction/bill/pay/link/button fail*/error/stuck/open/opening/load/loading/broken/work*/problem
words-ask-paying = how/where pay/payment/checkout can/do/i/to | payment method*/option*/way*/type* | accept/take/use/pay/support card*/paypal/visa/mastercard/alipay/wechat/apple/google/bitcoin/crypto/cash/bank/stars/credit/klarna | what are telegram/the stars | buy stars | need credit/bank card | pay later/after/installments/monthly/now/before/upfront/advance | subscri* | monthly/recurring
words-ask-invoice = invoice* | receipt* | fapiao | bill/proof company/tax/vat/business/accounting/employer/payment/purchase/email | vat/tax | expense/expenses/bookkeeping
words-ask-missing = never received/got/arrived/came | where r portrait*/photo*/pics/pictures | not find set/portrait*/photo*/pics/pictures | where are/is/s my/the portrait*/picture*/photo*/pics/avatar/order/image*/result*/images/set/they/clip/video/shots/headshots | not/never/no receive*/got/get/gotten/getting/arrive*/see/come/came/delivered portrait*/picture*/photo*/anything/pics/them/it/yet/avatar/result*/image*/set/clip/video/my/nothing | not find portrait*/picture*/photo*/pics/them/avatar/results/images/my | nothing came/arrived/happened/happens/happening/yet/here | lost/missing/disappear*/vanish* portrait*/picture*/photo*/pics/avatar/results/images/chat/my | still no portrait*/picture*/photo*/pics/result*/avatar/images | where find/see/download/look portrait*/picture*/pics/result*/finished/avatar/them/images | what happen* order/avatar/my/with to/my/order | see again/old/previous/earlier portrait*/picture*/pics/results/set
words-ask-restyle = change/other/another/different/switch/new/more/choose/pick/which/what/many/try/available/have style*/theme*/look/looks/outfit*/clothes/clothing/dress*/costume*/background*/suit/template*/setting/hair/hairstyle/scene | style*/theme*/outfit*/background*/templates list/change/available/choose/see/show/offer/have/do | in a suit/dress/kimono/uniform | redo/restyle | wear* | vintage/hanfu/film/studio/business/wedding/noir/corporate/linkedin style/look/photo/portrait*/do/can/version/headshot*
words-ask-likeness = six/extra/too/seven/missing fingers/hands/arms/teeth | different person/face/guy/girl/woman/man | hands/fingers have/look/are | more/look/looks/looking like me/myself | not/don/nothing/hardly look/looks/resemble*/like me/myself | not/that me/myself at/all/s/this | resembl* | likeness/similar*/recogni* | face/nose/eyes/chin/skin/mouth/jaw/teeth/hand/hands/fingers wrong/different/weird/strange/off/changed/bad/distorted/deformed/not/odd/fix | somebody/someone else/other/stranger look*/like/face/that/person/it | too/look*/so beautiful/young/thin/old/fake/plastic/smooth/retouched/pretty/perfect/artificial/fat/different/airbrushed | less/more/without retouch*/retouching/beauty/natural/realistic/wrinkles | improve*/better likeness/face/resemblance/result*/portrait*/them/it/pictures | bad/ugly/awful/terrible/horrible portrait*/result*/picture*/it/they/look*/i/pics/these
words-ask-alive = alive/animate*/animation | move/moving/moves photo*/picture*/make/it/portrait*/face/smile | video*/clip*/gif*/movie make/from/of/out/create/do/can/turn/into/you/long/get/want/how | bring life/alive | photo*/picture*/portrait* smile/talk/speak/nod/wink/blink/come/into | sing*/talk* picture*/photo*/make | live photo*
words-ask-old = old family photo*/picture*/pic/print | old photo*/picture*/print*/pics/photograph* animate*/animated/alive/move/can/have | grandma*/grandpa*/grandmother*/grandfather*/grandparent*/deceased/dead/died/passed | old/vintage/black/ancient/damaged/scratched/faded/torn/family/yellowed/historic* photo*/picture*/print*/pics/photograph*/image*/portrait | restore*/restoration/repair/colori*/coloriz* | grandma*/grandpa*/grandmother*/grandfather*/grandparent*/ancestor*/late/deceased/dead/died/passed/granny/dad/mum/mom/mother/father photo*/picture*/alive/move/from/of/animate/restore/pic/away/who/no | scan* old/photo*/picture*/print* | great grandmother/grandfather/grandparents
words-ask-credits = credit* | top up | topup | balance | recharge | buy more/sets/portraits/pack* | points/tokens/coins | pack/packs/bundle*/package* | another set pay/cost/price
words-ask-gift = gift card/cards | gift* | gift*/present/voucher* | invite*/referral*/refer*/bonus/invitation | for/to/my friend*/mother/mum/mom/girlfriend/boyfriend/wife/husband/someone/somebody/sister/brother/else buy/give/pay/order/offer/can/it/birthday | friend* discount/bring/code/link/tell/recommend/join/get | birthday/christmas/valentine* | affiliate | share with friend*
words-ask-cancel = not want it/this anymore/more/any | cancel* | stop order/everything/now/it/this/making/want/the/working/training | not/no longer/not want anymore/longer/it/this/more | change*/changed my mind | abort* | unsubscribe | withdraw order | undo order/my | call off
words-ask-language = language*/lang | speak/talk/write/answer/reply/use/switch/change/understand/in english/french/chinese/korean/german/spanish/italian/portuguese/japanese/russian/mandarin/français/deutsch/español | translate this/chat/into/to english/french/chinese/korean | in english/french/chinese/korean
words-ask-group = two/both/three/several/many/multiple/couple*/other/more people/persons/of/us/together/photo*/faces/person/picture*/portrait*/avatars/shoot/avatar/in | with my/me husband/wife/boyfriend/girlfriend/friend*/partner/dog/cat/sister/brother/family/mother/father/mum/mom/son/daughter photo*/picture*/portrait*/can/together/do/pics/possible/shoot | my wife/husband/boyfriend/girlfriend/partner/friend and/i in/one/be/together/picture*/portrait* | family/couple* photo*/portrait*/pictures/pics | group/family/couple*/wedding/team photo*/picture*/portrait*/shoot/shot*/for/do/can/pictures | together/us portrait*/picture*/photo*/in/husband/wife/partner/both | somebody/someone/another/other else/person s/people photo*/picture*/avatar/of/make/in/use/pics | photo*/picture*/avatar of another/other/somebody/someone/else/friend/wife/husband/girlfriend/boyfriend/dog/cat/pet/mother/celebrity/ex | pet*/dog*/cat/cats my/photo*/picture*/portrait*/do/pet*/pics
words-ask-child = photo*/picture*/portrait*/pics baby/child/kid*/son/daughter of/my | child*/kid*/baby/babies/son/daughter/toddler*/newborn/minor*/underage/teen*/infant* | years/year/yrs old | under 18/eighteen | age limit/minimum/how/restriction/old | how old must/do/should/need/have | my son/daughter
words-ask-rights = commercial*/business use/purposes/can/for/allowed/website/usage | copyright*/license*/licence*/ownership/rights | who/do/i own/owns/belong* | use/post/publish/put/share/sell/upload/display portrait*/picture*/them/photo*/it/avatar/results/images/pics linkedin/instagram/website/dating/tinder/facebook/cv/resume/social/online/ads/advertising/profile/book/anywhere/work/company/commercially/freely/where/i/blog/etsy/shop | linkedin/instagram/tinder/facebook/tiktok/cv/resume/hinge/bumble | sell portrait*/pictures/prints | belong* to/me/whom/who | allowed to use/post/publish/share/sell
words-ask-label = people/others/anyone/everyone ai see/tell/know/notice is | is/s it/they ai see/tell/know/notice | label*/watermark*/logo/mark/stamp/tag/sign/badge | ai generated | says/written/text/words ai/on/picture*/portrait*/corner/bottom | remove/hide/crop/without/get ai/label*/watermark*/logo/text/mark/corner | metadata/c2pa/credentials/signature | tell/know/see/notice/visible/recognise/recognize/detect* ai/generated/artificial/fake | is it/are/this/these they ai
words-ask-papers = driver*/driving license/licence | passport*/visa/id/identity/driver*/driving/licence/license/official/document*/badge/permit/embassy photo*/picture*/for/card/use/valid/biometric/i/application | biometric | id card/photo/picture | passport* | headshot official/government | papers | official photo*/document*
words-ask-person = human*/operator*/representative*/agent*/manager/supervisor/employee/staff talk/speak/contact/want/need/chat/real/please/get/connect/a/write/reach/with/where/is/there | real/actual/live person/human/people/someone/agent | talk/speak/chat/write/connect/transfer person/someone/somebody/human/staff/support/agent/manager/operator/to/me/you | customer service/support/care | support team/contact/email/phone/number/line/hotline/help/need/please/desk | contact you/details/info/someone/studio/team/how/us/where | complain*/complaint | phone number | call you/number/me | email address/you/your | help from/by/human | not/no bot/robot/machine want/talk/a/please | hotline | help desk/me | someone/somebody help | human* | opening hours | report problem/issue/bug
words-ask-who = talking/speaking robot/bot/human/machine/ai/person/to | whats ur/your name | ur name | who are/r/made/built/is/runs you/u/this/behind/owns/eider/it | are/r/you bot/robot/human/real/ai/machine/chatgpt/gpt/chatbot/person/company/program | what are/can you/u/eider/do | what is/s your/eider name | tell me about you/yourself/eider | your name | are you there/ai | where are you/based/located/company/from | what company | about eider/you
words-ask-thanks = thanks lot/so/much | you rock/rule | awesome | thank*/thx/thanx/ty/tks/tysm/cheers | love/loved/like it/them/this/these/the/pictures/result*/portrait* | great/amazing/awesome/wonderful/perfect/beautiful/cool/nice/super/fantastic/excellent/brilliant/wow/lovely/gorgeous/impressive | well done | good job/work | appreciate* | so/very happy/pleased
words-ask-hello = heyyy/heyy/hiii/helloo/hii | hello/helo/hi/hey/heya/hiya/hallo/howdy/greetings/yo/sup | good morning/evening/afternoon/day | anyone/anybody/you there/here | how are you/u | what s up | whats up | nice meet
words-ask-erase = delete/erase/remove/wipe/clear/forget my/all/everything/me account/data/everything/me/information/info/profile/chat/history/avatar/portraits/stuff | forget me | close/delete my/account | right forgotten | delete/erase/remove/wipe my photo*/picture*/avatar/face/pics/selfies/them | remove me | get rid data/photo*/my
words-ask-filler = hw wich r n u go through final finals really set right side far lot lots rock yes it’d id like want wanted actually ur back kind own matter matters anywhere because please another friend’s new see send thing im he she him her his by over again bit little long same without being might else full work works working fine part need needed needs help a an the i me my mine we us our you your u ur it its they them their this that these those is am are was were be been do does did t not s re ll ve m d can could will would shall should may might must have has had to of in on at for from with by about as and or but so if then than not no yes ok okay please pls plz just only really actually very too also still already now here there again one some any all every more most much many what which who how when where why like get got make made want wanna need know tell say see let go going take give put use using using there hey hi hello well um uh hmm oh sir madam guys question ask asking wondering wonder sorry excuse quick maybe possible possibly able exactly something anything nothing things thing photo* picture* pic pics portrait* image* selfie* avatar* eider studio bot app service order ordered send sent upload* receive* finally after before until once first because since think thought mean look looks ai face faces result* today yesterday time day days week hour hours month minutes person people it’s i’m im dont cant up out off into back done

# The answers. What they say is true for whoever asks, now.
answer-free =
    A digital avatar isn’t free: it costs { $price }, once. { $gift ->
        [yes] But your first clip is a gift: send a photo, and it comes alive.
       *[no] Your free first clip has been made already.
    }
answer-wait = An avatar begun now would be ready { $span } after you pay: that is measured, queue included. I tell you each step, and you needn’t stay.
answer-wait-unknown = I can’t say just now: I haven’t made enough avatars lately to measure it, or no machine is at work. Once you’ve paid I tell you how far it is, and give your money back if it fails.
answer-safe = Your photos are encrypted under a key of their own, used for your avatar or clip and nothing else, and erased as soon as it is made; you get a receipt. Nothing is handed to other companies. You needn’t take my word: /mydata counts what is stored, and /erase deletes everything.
answer-seen = Nobody but you sees your photos, avatar or portraits. One exception: if the checks are unsure about a photo, a member of staff looks at that one. They aren’t sold, shared or shown, and no other model learns from them.
answer-erased =
    Your uploads are erased as soon as the avatar is made, and also if it fails, if you cancel, or after { $hours ->
        [one] { $hours } hour
       *[other] { $hours } hours
    } without payment; a photo for a clip, as soon as its clip is done. You get a receipt each time. Avatar and portraits stay until you erase them.
answer-photos =
    { $asked ->
        [one] { $asked } photo is
       *[other] { $asked } photos are
    } best, { $minimum } is the least, { $maximum } the most. Only you on them, the face clear, from several sides, in different clothes and light. Glasses and everyday make-up are fine if you mostly look like that; sunglasses, masks and heavy filters aren’t.{ $accepted ->
        [0] {""}
        [one] {" "}So far { $accepted } is usable.
       *[other] {" "}So far { $accepted } are usable.
    }
answer-avatar = A small model that has learned your face, and nobody else’s, from your photos. With it I paint new portraits of you in any style, as often as you like. It is yours alone and stays until you erase it.
answer-begin =
    You read what happens to your photos and say yes, send about { $asked ->
        [one] { $asked } photo
       *[other] { $asked } photos
    } of yourself, and pay { $price } once. I make your avatar and send the first portraits here. If it fails, you get everything back. To go on, choose “Continue”.
answer-begin-typed =
    You read what happens to your photos and say yes, send about { $asked ->
        [one] { $asked } photo
       *[other] { $asked } photos
    } of yourself, and pay { $price } once. I make your avatar and send the first portraits here. If it fails, you get everything back. To go on, type “continue”.
answer-size =
    { $width ->
        [0] Portraits come as picture files, with their size in pixels told beside them, and you can download them.
       *[other] Your newest portraits have { $width } × { $height } pixels. You can download them here.
    } That is fine for screens and small prints. For a poster it is too little.
answer-refund =
    If your avatar can’t be made, all your money comes back by itself. Before work begins you can cancel and get it all back; once it has begun, stopping it isn’t refunded. Credits for a failed set or clip come back. { $how ->
        [free] Work on yours hasn’t begun: /cancel gives all { $amount } back.
        [begun] Work on yours has begun.
       *[none] You have no paid order under way.
    }
answer-paying =
    { $stars ->
        [yes] With Telegram Stars: the bill comes here in the chat, and Telegram offers you Stars if you have too few.
       *[no] The bill comes here in the chat and leads to the till. I never see a card number.
    } You pay once, after your photos have been checked. There is no subscription.
answer-invoice = Each paid order, with its number, day and amount, is under “My orders”. For a tax invoice, ask a person of the studio.
answer-missing = They are here, further up in this chat. I can send you the newest set again.
answer-restyle =
    Clothes, background and light belong to the style: choose another one, and I paint a new set. It costs { $cost ->
        [one] { $cost } credit
       *[other] { $cost } credits
    }; you have { $balance }.
answer-likeness =
    I’m sorry. “More like me” below a set paints it again with more of your own features, for { $cost ->
        [one] { $cost } credit
       *[other] { $cost } credits
    }; you have { $balance }. A set whose face is plainly wrong, a person can look into.
answer-likeness-typed =
    I’m sorry. “More like me” paints the newest set again with more of your own features, for { $cost ->
        [one] { $cost } credit
       *[other] { $cost } credits
    }; you have { $balance }. A set whose face is plainly wrong, a person can look into.
answer-alive =
    Send one photo, and it smiles, nods or looks around, as a clip of some five seconds. { $gift ->
        [yes] Your first one is a gift.
       *[no] It costs { $cost ->
        [one] { $cost } credit
       *[other] { $cost } credits
    }.
    }
answer-old = Yes, old prints too. I straighten them, soften scratches and bring faded tones back before they move. Photograph the print straight from above, without a flash. If who is on it has died, they should have been close to you.
answer-gift =
    There are no gift cards, but you can invite a friend. { $credits ->
        [0] They begin with their own photos.
       *[other] Once their avatar is ready, you get { $credits ->
        [one] { $credits } credit
       *[other] { $credits } credits
    } each.
    }
answer-group = An avatar is of one person, so only you should be on its photos, and it can only be made by that person. In a clip, two can be together: you and somebody who agrees.
answer-child = Adults only, I’m sorry: I make no avatars and no clips of anybody under 18, also if a parent asks.
answer-rights = The portraits are yours: show, print or post them as you like. The “AI-generated” label has to stay on. Whether they do for a certain business use, a person can tell you.
answer-label = Yes, they are made by AI, and the law wants that on every portrait and clip, so I can’t leave the label out; please leave it on. I can also check whether a picture is one of ours.
answer-papers = No: the portraits are painted, and papers such as a passport, an identity card or a visa need a real photograph. For a profile they are fine.
answer-who = I’m Eider, a portrait studio’s program: no human, but there are people behind me. I make portraits of you from your photos, and bring pictures alive.
answer-thanks = I’m glad. Whenever you like, we go on.
answer-button-support = Ask a person

# A person of the studio, asked with leave.
case-ask =
    Shall I pass you on to a person? They would see:

    · what you write here from then on, and their answers
    · your id on this platform, and the number of your latest paid order

    No photos and no portraits. It is stored encrypted until { $days ->
        [one] { $days } day
       *[other] { $days } days
    } after the last word, and /erase deletes it at once.
case-button-yes = Yes, pass it on
case-button-no = Rather not
case-declined = All right, nothing is passed on.
case-begun = Done. Write here what it is about, in up to { $most } letters a message: it goes to a person, under number { $number }. They answer in this chat; I can’t say how soon. Commands keep working.
case-open = Number { $number } is still open: what you write here goes to a person.
case-passed-first = Passed on, under number { $number }. Until one of you closes it, what you write here goes to that person and not to me.
case-passed = Passed on ({ $number }).
case-too-long = That is too long for one message; nothing was passed on. At most { $most } letters, please: send it in parts.
case-full = So much has been written there that I pass on no more. Close it, and ask anew.
case-closed = Closed: nothing more is passed on, and I’m listening again.
case-closed-by-studio = The studio has closed your question. If there is more, ask again any time.
case-none = No question of yours is open.
case-nobody = I’m sorry, there is nobody I could pass you on to at the moment. Nothing was passed on.
case-answer =
    From a person of the studio:

    { $words }
case-answer-last =
    From a person of the studio (this question is closed):

    { $words }
case-button-close = Close the question
error-too-many-case-messages = That’s as many messages as I pass on in an hour; this one wasn’t. You can go on in { $wait }.
