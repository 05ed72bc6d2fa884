# Sending photos: how, the running count, what is wrong with which, what is still missing.
photos-ask =
    이제 사진을 보내 주세요. { $asked }장이면 가장 좋고, 최소 { $minimum }장이에요. 한 장씩도, 한꺼번에도 괜찮아요.

    이런 사진이 좋아요.
    · 혼자 나오고, 얼굴이 또렷하고, 손·마스크·선글라스로 가리지 않은 사진
    · 정면, 왼쪽, 오른쪽 얼굴. 가까운 것도, 상반신도
    · 차분한 얼굴이나 옅은 미소, 눈은 뜨고 카메라를 보는 사진. 찡그린 얼굴로도 이목구비는 배우지만, 화보의 표정은 차분한 얼굴에서 나와요
    · 서로 다른 날, 다른 옷, 다른 빛
    · 보정이나 필터가 심하지 않은 사진. 심하면 닮지 않아요
photos-tips =
    가장 닮게 나오려면,

    창가에서 빛을 마주 보고 서서, 다른 분께 찍어 달라고 하시거나 휴대폰을 세워 두세요. 얼굴은 편안하게, 몇 장은 옅게 웃으며 카메라를 봐 주세요. 화보의 표정이 여기서 나오고, 윙크나 찡그린 얼굴은 화보에도 나타나요. 정면부터 시작해 천천히 왼쪽, 오른쪽으로 돌며 몇 장씩 찍고, 얼굴은 가까이, 상반신은 한 걸음 물러나 찍어요. 옷과 장소를 바꿔 한 번 더 해 보세요.
    뷰티 모드는 꺼 주세요. 지난 1년 사이 앨범 사진도 좋고, 파일로 보내시면 더 선명해요.
photos-tips-pictures =
    가장 닮게 나오려면,

    창가에서 빛을 마주 보고 서서, 다른 분께 찍어 달라고 하시거나 휴대폰을 세워 두세요. 얼굴은 편안하게, 몇 장은 옅게 웃으며 카메라를 봐 주세요. 화보의 표정이 여기서 나오고, 윙크나 찡그린 얼굴은 화보에도 나타나요. 정면부터 시작해 천천히 왼쪽, 오른쪽으로 돌며 몇 장씩 찍고, 얼굴은 가까이, 상반신은 한 걸음 물러나 찍어요. 옷과 장소를 바꿔 한 번 더 해 보세요.
    뷰티 모드는 꺼 주세요. 지난 1년 사이 앨범 사진도 좋고, 채팅에서 원본 크기를 고를 수 있으면 원본으로 보내 주세요. 더 선명해요.
photos-button-tips = 잘 찍는 법
photos-button-done = 이걸로 할게요
photos-button-cancel = 취소
photos-prompt = 계속 사진을 보내시고, 다 보내셨으면 “이걸로 할게요”를 골라 주세요.
photos-prompt-few = 사진을 보내 주세요. 쓸 수 있는 사진이 { $minimum }장이 되면 다음으로 갈 수 있어요.

tally-none = 아직 받은 사진이 없어요.
tally-head = { $sent }장을 받았고, 쓸 수 있는 건 { $accepted }장이에요.
tally-checking = { $count }장은 아직 보고 있어요…
tally-held = { $count }장은 판단이 어려워 담당 직원이 확인해요. 끝나면 알려 드릴게요.
tally-held-age =
    { $count ->
        [0] 말씀하신 나이 때문에, 본인 사진은 직원이 성인이신지 확인한 뒤에야 쓸 수 있어요.
       *[other] 말씀하신 나이 때문에, 사진 { $count }장은 직원이 먼저 확인해야 해요. 지금은 더 보내지 않으셔도 돼요.
    }
tally-flaws = 쓸 수 없는 사진:
tally-numbers = { $flaw } ({ $numbers }번)
tally-need = 쓸 수 있는 사진이 { $missing }장 더 있으면 최소 { $minimum }장이 돼요.
tally-enough = 이제 시작할 수 있어요. { $asked }장이면 더 닮게 나와요. { $missing }장 남았어요.
tally-full = 충분해요. { $accepted }장이 모였어요.
tally-wishes = 혹시 있으시면 이런 사진이 가장 도움이 돼요: { $wishes }.
photos-done-waits = { $checking }장을 아직 보고 있어요. 다 보면 제가 알아서 이어 갈게요.
ended-tally =
    { $how ->
        [paid] 사진 { $sent }장을 받아 { $accepted }장을 써요.
       *[ended] 이 주문은 더 이상 사진을 받지 않아요.
    }

flaw-unreadable = { $count }장은 열 수 없었어요. 덜 전송됐을 수 있으니 다시 보내 주세요. 그래도 안 되면 JPEG, PNG, WebP, HEIC, AVIF로 보내 주세요
flaw-video = { $count }개는 동영상이에요. 사진만 받을 수 있어요
flaw-bomb = { $count }장은 픽셀 수가 지나치게 많아요: 줄여서 보내 주세요
flaw-too_small = { $count }장은 너무 작아요: 미리보기 말고 원본을 보내 주세요
flaw-too_narrow = { $count }장은 너무 길쭉해요: 얼굴과 어깨만 남게 잘라 주세요
flaw-too_large = { $count }장은 파일이 너무 커요: 압축하거나 사진으로 보내 주세요
flaw-painted = { $count }장은 표시에 따르면 AI가 만든 그림이에요: 카메라로 찍은 사진을 보내 주세요
flaw-no_face = { $count }장에서 얼굴을 찾지 못했어요: 얼굴이 또렷하고 가려지지 않은 사진으로 골라 주세요
flaw-several_faces = { $count }장에는 여러 사람이 있어요: 혼자만 남게 잘라 주세요
flaw-face_too_small = { $count }장은 얼굴이 너무 작아요: 가까이서 찍거나 잘라 주세요
flaw-covered = { $count }장은 눈이나 입이 가려져 있어요: 선글라스나 마스크를 벗고, 얼굴 앞을 가리지 말아 주세요
flaw-blurred = { $count }장은 흔들렸어요: 더 밝은 곳에서 휴대폰을 고정해 주세요
flaw-duplicate = { $count }장은 같거나 거의 같은 사진이에요: 다른 각도, 다른 날의 사진이 좋아요
flaw-indecent = { $count }장은 쓸 수 없어요: 옷을 갖춰 입은 사진을 보내 주세요
flaw-minor = { $count }장은 미성년자로 보여요: 성인 사진만 받아요
flaw-taken_out = { $count }장은 직접 빼셨어요
flaw-surplus = { $count }장은 받지 않았어요: 최대 { $maximum }장까지예요

wish-front = 정면 한 장
wish-profile_left = 왼쪽을 보는 옆얼굴 한 장
wish-profile_right = 오른쪽을 보는 옆얼굴 한 장
wish-close_up = 얼굴을 가까이서 찍은 한 장
wish-half_body = 상반신 한 장

photo-unreadable = 한 장을 열지 못했어요.
photo-video = 하나는 동영상이에요. 사진만 쓸 수 있어요.
photo-bomb = 한 장은 픽셀 수가 지나치게 많아서 열지 않았어요.
photo-too-small = 한 장은 너무 작아서 얼굴이 보이지 않아요.
photo-too-narrow = 한 장은 너무 길쭉해서 얼굴이 아주 작아요. 얼굴과 어깨만 남게 잘라 주세요.
photo-painted = 한 장에는 AI가 만들었다는 표시가 있어요. 그려진 그림이에요. 카메라로 찍은 고객님 사진을 보내 주세요. 보정만 한 사진은 괜찮아요.
photo-too-large = 한 장은 너무 커요. { $megabytes }MB까지 받을 수 있어요.
photo-not-fetched = 한 장이 도착하지 않았어요. 네트워크 문제인 것 같으니 다시 보내 주세요.
photo-before-consent = 이 사진은 열지도 저장하지도 않았어요. 먼저 무엇을 할지 고르고 동의하신 뒤 다시 보내 주세요.
photo-before-subject = 거의 다 왔어요. 이 사진은 아직 열지 않았으니, 아래에서 고르신 뒤 다시 보내 주세요.
photo-while-waiting = 아바타를 이미 만들고 있어서 이 사진은 필요하지 않아요. 받지 않았어요.
photo-in-studio = 아바타가 이미 완성되어 사진이 더 필요하지 않아요. 이 사진은 받지 않았어요. 움직이시려면 “사진 움직이기”를, 새 아바타를 만드시려면 “새 아바타”를 골라 주세요.
photo-before-relation = 이 사진은 아직 열지 않았어요. 먼저 사진 속 사람이 누구인지 골라 주신 뒤 다시 보내 주세요.
photo-while-erasing = 삭제하시려던 참이라 이 사진은 받지 않았어요. 삭제할까요, 그대로 둘까요?

few-honest =
    솔직히 말씀드릴게요. 쓸 수 있는 사진은 { $accepted }장이에요. 만들 수는 있지만 { $asked }장보다 적으면 조금 덜 닮을 수 있어요. 특히 옆얼굴과 표정이 그래요. 되신다면 { $missing }장을 더 보내 주시고, 아니면 이대로 진행하셔도 돼요.
few-button-go = 이대로 결제하기
photos-too-young = 성인의 아바타만 만들 수 있는데, 사진 여러 장이 미성년자로 보여요. 담당 직원이 확인하거나 성인이 된 뒤의 사진으로 바꿔 주시면 이어 갈 수 있어요. 결제된 금액은 없어요.
photos-stated-minor = 성인의 아바타만 만들 수 있는데, 만 18세가 안 되셨다고 말씀하셨어요. 담당 직원이 확인한 뒤에만 이어 갈 수 있어요. 결제된 금액은 없어요.

# What became of one photo, at that photo.
fate-one = 1장
fate-rejected = 쓰지 못했어요: { $number }번 사진{ $why }.
fate-checking = { $number }번 사진: 보고 있어요.
fate-accepted = { $number }번 사진은 쓸 수 있어요.
fate-held = { $number }번 사진은 확실하지 않아서 직원이 볼 거예요. 보고 나서 알려 드릴게요.
fate-held-age = 말씀하신 나이 때문에, { $number }번 사진은 직원이 먼저 확인해야 해요.
fate-taken-out = { $number }번 사진: 직접 빼셨어요.
fate-surplus = { $number }번 사진은 받지 않았어요: 이미 충분해요.

# The album of usable photos, before paying.
faces-ask =
    모두 본인이신가요? 쓸 수 있는 사진은 { $count }장이고, 번호는 보내신 순서예요.
    다른 사람이 있으면 결제하기 전에 그 사진을 빼 주세요. 이 모음은 지금 막 만든 것이고, 사본은 남기지 않아요. 채팅 앱이 허용하면 결제하거나 취소하신 뒤 채팅에서 지울게요. 그렇지 않으면 직접 지우실 때까지 남아 있어요.
faces-ask-typed =
    모두 본인이신가요? 쓸 수 있는 사진은 { $count }장이고, 번호는 보내신 순서예요.
    다른 사람이 있으면 결제하기 전에 “빼기 3, 7”처럼 보내 주세요. 이 모음은 지금 막 만든 것이고, 사본은 남기지 않아요. 채팅 앱이 허용하면 결제하거나 취소하신 뒤 채팅에서 지울게요. 그렇지 않으면 직접 지우실 때까지 남아 있어요.
faces-pick = 본인이 아닌 사진은 몇 번인가요? 아래 번호를 고르거나 “3, 7”처럼 적어 주세요. 빼신 사진은 바로 지워요.
faces-pick-typed = 본인이 아닌 사진은 몇 번인가요? “빼기 3, 7”처럼 번호를 적어 보내 주세요. 빼신 사진은 바로 지워요.
faces-alt = 사진 { $count }장의 번호 모음
faces-button-out = 제가 아닌 사진이 있어요
faces-button-done = 모두 저예요
faces-button-compare = 비교해 주세요
faces-button-again = 다시 비교하기
faces-button-marked = 표시된 사진 빼기
faces-button-rest = 표시 안 된 쪽이 제가 아니에요
faces-button-keep = 그대로 두기, 모두 저예요
faces-comparing = 지금 이 사진들을 서로 비교하고 있어요. 끝나면 알려 드릴게요.
faces-alike = 이 사진들을 서로 비교해 봤는데, 달라 보이는 사진은 없어요. 제가 틀릴 수도 있어요.
faces-marked =
    { $two ->
        [yes] 서로 다른 사람들 같아요. { $numbers }번(모두 { $count }장)이 나머지와 달라 보여서 표시해 두었어요. 어느 쪽이 본인인지는 제가 알 수 없으니, 본인이 아닌 쪽을 빼 주세요.
       *[no] { $numbers }번(모두 { $count }장)이 나머지와 달라 보여서 표시해 두었어요. 제가 틀릴 수도 있어요. 뺄까요?
    }
faces-unclear = { $numbers }번에서는 비교할 얼굴을 찾지 못했어요.
faces-left-out = 아직 비교하지 않은 사진이 { $count }장 있어요.
faces-taken = { $numbers }번을 뺐고, 보관본을 지우고 있어요(모두 { $count }장).
faces-turned = 똑바로 서 있지 않던 { $count }장은 바로 돌려놓았어요: { $numbers }번.
faces-unknown = 쓸 수 있는 사진 가운데 그 번호가 없어요.
ended-album = 사진 모음을 치웠어요.
ended-step = 이 단계는 지나갔어요.
ended-taken = 빼신 사진은 쓰지 않아요.
