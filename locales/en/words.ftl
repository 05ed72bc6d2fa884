# Words that a person may type instead of pressing a button, in this language. They work for
# everybody, whichever language they chose. Parted by "|"; case, spaces and marks do not matter.
language-name = English
words-language-this = English | in English | speak English
words-start = start | take photos | begin | hello | hi | hey | hi there | good morning | let’s go
words-help = help | what can you do | how does this work
words-price = how much | prices | how much is it | what does it cost
words-language = language | change language
words-mydata = my data | what do you have on me | data
words-erase = erase everything | erase | delete | delete my data | delete everything | delete my photos
words-cancel = cancel | stop | never mind | refund | I want a refund | money back
words-orders = orders | my orders | order
words-styles = styles | style | other style | another style | templates | portraits
words-credits = credits | balance | buy credits | top up
words-terms = terms | what happens to my photos | conditions
words-privacy = privacy | privacy policy
words-revoke = revoke | withdraw | withdraw consent | revoke consent
words-avatar = avatar | my avatar
words-new = new avatar | start over | again from scratch | another avatar
words-tips = tips | how do I take good photos | what photos
words-where = continue | go on | where am I | status | progress | is it ready | are you done | { waiting-button-refresh }
words-paysupport = payment problem | payment help | I paid | charged twice
words-agree = yes | agree | I agree | ok | okay | sure
words-decline = no | I don’t agree | decline | no thanks
words-woman = woman | female | girl | i’m a woman
words-man = man | male | guy | i’m a man
words-person = neither | rather not say | other | person
words-done = done | that’s all | finished | enough | use these | checkout
words-out = take out | remove | not me | isn’t me | aren’t me | some aren’t me | drop | is not me | are not me | that’s not me in | that isn’t me in | photo isn’t me | number isn’t me | it’s not me in
numbers-and = and
words-pay = pay | pay now | buy
words-more = more like me | look more like me
words-fairer = more beautiful | prettier | nicer | more handsome
words-again = another | one more | another set | again | more
words-expression = another expression | another face | other expression
words-originals = originals | original | download | files | full size
words-share = share | share it | send to a friend | send it
words-invite = invite | invite a friend | refer a friend | invitation
words-support = support | human | a human | talk to a human | a person please
words-verify = verify | is this yours | is this picture yours | check a picture
words-link = link | link my chats | connect my chats | connect my accounts | link accounts
words-unlink = unlink | part my chats | disconnect my chats | unlink accounts
words-alive = bring a photo alive | bring it alive | alive | animate | animate a photo | move a photo | make it move | old photo
words-together = together | two together | side by side | both in one picture
words-clip = clip | video | my clip | play it again
words-paint = paint me | draw me | paint | draw | paint a picture of | paint me a picture of | a picture in my own words | in my own words
words-film = film me | make a clip of me | make a video of me | a clip in my own words
words-please = please | can you | could you | would you
words-self = me | it’s me | myself
words-living = somebody living | someone living
words-dead = somebody who has died | someone who has died | they have died
# Who says that they are a minor: regular expressions, a line each (handlers/stated_age.py).
words-minor-age = (?:four|fif|six|seven|thir)teen|twelve|eleven|ten|nine|eight|seven|six|five
words-minor-goes-on = (?:and (?:i|idk|my|we|want|would|not|don’t)|but|so(?! far)|btw|lol|though|tho|too|now(?! in)|rn|right now|u|already|today|this year|is|does|do|did|can|could|will|would|may|should|what|why|how|am i|are you|please|pls|plz|ok|okay|yeah|sorry|because|if (?:that|it)|not 18|almost|nearly)\b
words-minor-supposed = \b(?:if|when|since|unless|until|case|pretend|imagine|assume|suppose|like|thinks?|thought|feels?|felt|looks?|(?<!should )(?<!to )says?|(?<!i )(?<!already )said|believes?|claims?|claimed|seems?|decided|guess|wish|told me|tells me|im told|i’m told) (?:that )?["“(]?$|\b(?:in|on) (?:it|(?:this|that|the|these|those)(?: \w+)?(?: \w+)?),? $|(?:^|[,;] )here $|\b19\d\d\b
words-minor =
    \bi ?’?a?m ?(?:(?:only|just|still|actually|now|already|currently|really|turning) )*AGE(?:[ -]?(?:years?|yrs?)(?:[ -]old| of age)| yrs| years and \d\d? months old| ?y\.?/?o\.?)?(?: (?:girl|boy|guy|student|teen|teenager|female|male))?(?: and a half)?(?: yet)?END
    \bi ?’?a?m ?(?:(?:only|just|still) )*an? AGE(?:[ -]?(?:year|yr)s?[ -]?old| ?y\.?/?o\.?)(?: (?:girl|boy|guy|student|teen|teenager|female|male))?END
    \bwe(?:’re| are) (?:both|all) AGEEND
    (?:\bmy |^)age(?: is|:)? ?AGEEND
    ^AGE(?:[ -]?(?:years?|yrs?)[ -]old| ?y\.?/?o\.?)(?: (?:girl|boy|guy|student|teen|teenager|female|male))?(?:[.! ])*$
    \bi turn AGE(?:END| (?:in|next|on|soon|tomorrow)\b)
    \bi(?:’ve| have)? (?:just |only )?turned AGE(?:END| (?:yesterday|last (?:week|month))\b)
    \bi ?’?a?m ?turning (?:AGE|18|eighteen) (?:in|next|on|soon|tomorrow)\b
    \bi ?’?a?m ?(?:almost|nearly|not quite|about to (?:be|turn)) (?:18|eighteen)(?: years old)?END
    \bi(?:’ll| will)? (?:only )?(?:be|turn) (?:18|eighteen)(?: years old)? (?:in|next|on|soon|tomorrow)\b
    \bi (?:won’t|don’t|do not|will not) (?:be|turn) (?:18|eighteen)\b(?! photo| pic)
    (?:\bi |^)(?:have ?n’?t|have not|did ?n’?t|did not) (?:yet |even )?(?:turned?|reach(?:ed)?) (?:18|eighteen)\b(?! photo| pic)
    ^not 18 yetEND
    \bi ?’?a?m ?(?:still )?(?:under ?age|not (?:yet )?an adult|not (?:yet )?of age)\b
    \bi ?’?a?m ?(?:still )?a minor(?:END| (?:and|with|under)\b)
    \bi ?’?a?m ?(?:still )?(?:under|below|younger than|less than|not(?: yet| even)?) (?:18|eighteen)\b(?! (?:photo|pic|min|hour|day|week|month|km|mile|percent|kg|euro|dollar|pound))
    \bi ?’?a?m (?:(?:still|only|just) )?a (?:kid|child)END
    \bi lied about my age\b
# Plain questions: regular expressions, a line each, of text without marks and accents (handlers/questions/sentences.py).
words-asks-case =
    \b(?:did|has|have|will|does|can) (?:not )?(?:any ?(?:one|body)|some ?(?:one|body)|a (?:person|human)|the (?:studio|staff|team|support)|they|you)(?: \w+)? (?:read|seen?|answer(?:ed)?|repl(?:y|ied)|respond(?:ed)?|look(?:ed)?|get|got|gotten|receive|received)(?: to| at| into| on)? (?:my|our) (?:last |first )?(?:message|question|case|ticket|request|complaint)
    \b(?:was|were|is|are|has|have|did) my (?:last )?(?:message|question|case|ticket|request|complaint)s? (?:been |ever |already |get |even )*(?:read|seen|answered|received|opened|passed on|looked at|arrive|open|closed)
    \bno ?(?:body|one) (?:has |is |have |ever |yet |even )*(?:answer|repl|read|respond)
    \bany (?:news|answer|reply|response|word) (?:yet )?(?:from|about|on|to) (?:the |my |a )?(?:studio|staff|support|person|human|case|ticket|question|message|request|complaint)
    ^any (?:answer|reply|response)s?(?: yet)?$
    \bwhen (?:will|do|can|is|does) (?:some ?(?:one|body)|any ?(?:one|body)|i|they|a (?:person|human)|the (?:studio|staff|team|support))(?: going to)? (?:get |receive |have |hear )?(?:an |a |back )?(?:answer|repl|respon|from (?:them|you|the studio))
    \b(?:status|state) of my (?:message|question|case|ticket|request|complaint)
    \bwhat about my (?:message|question|case|ticket|request|complaint)
words-asks-money =
    \bwhere (?:is |s |has |did |are |went |have )*(?:all )?(?:my|the) (?:money|cash|payment|stars)\b
    \bwhat (?:happened|has happened) (?:to|with) my (?:money|cash|payment|stars)\b
    \bmy (?:money|cash|payment|stars) (?:is |s |has |was |just |have |are )*(?:gone|lost|vanished|disappeared|missing)
    \b(?:i|we|ve|have) (?:have |already )?pai?yed\b.*\borders? (?:is |s |has |was )*(?:gone|lost|vanished|disappeared|missing)
    \b(?:i|we|ve|have) (?:have |already )?paid\b.*\b(?:where (?:is |s )*my order|order (?:is |s |has |was )*(?:gone|lost|vanished|disappeared|missing))
    \bmy (?:paid )?order (?:is |s |has |was |just )*(?:gone|lost|vanished|disappeared)
words-asks-stopped =
    \b(?:did|has|have|is|was|are|were) (?:it|this|that|everything|you|work|training|(?:the|my|your) (?:work|studio|training|machine|server|order|avatar|queue|process))(?: \w+)? (?:stop|stopped|stuck|frozen|halted|paused|dead|down|broken)\b(?! (?:charg|send|ask))
    ^(?:so |and |it |this |it s |everything |all |the studio |is |has |been |just |already )*(?:stopped|stuck|frozen|halted)$
