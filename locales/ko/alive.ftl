# A photo or a portrait comes alive: who is on it, the photo, how it moves, the clip.
alive-button = 사진 움직이기
alive-ask =
    사진을 움직이기 전에 하나만 여쭐게요. 사진 속 사람은 누구인가요?

    · 고객님 자신,
    · 살아 계시고 이에 동의하신 분,
    · 또는 돌아가신, 고객님과 가까웠던 분.
    여러 명이 있다면 한 분 한 분 모두 해당돼야 해요. 성인 사진만 받아요. 판단하기 어려우면 직원이 이 사진 한 장만 확인해요.

    사진은 이렇게 다뤄요. 암호화해서 보관해요. 메모리에서 얼굴을 찾아 움직이고, 얼굴의 점들은 곧바로 잊어요. 오래된 사진은 먼저 손질해요. 영상이 완성되거나, 실패하거나, 마음을 바꾸시거나, { $hours }시간이 지나면 사진과 그 암호화 키를 지워요.
    얼굴과 카메라만 움직여요. 목소리를 입히지 않고, 누구의 입에도 말을 넣지 않고, 얼굴을 바꾸지 않아요. 영상에는 “AI 생성” 표시가 들어가니 지우지 말아 주세요.

    아래에서 고르시면 이에 동의하시는 거예요. /revoke 로 언제든 철회하실 수 있어요. 끝나지 않은 작업은 멈추고 사진은 지워져요.
alive-who-self = 저예요
alive-who-living = 살아 계신 분, 동의하셨어요
alive-who-dead = 돌아가신 분
alive-prompt = 먼저 사진 속 사람이 누구인지 골라 주세요. 고르시면 동의하시는 거예요.
alive-portrait-ask =
    이 화보를 움직일까요? 메모리에서 얼굴을 찾아 움직이고, 얼굴의 점들은 곧바로 잊어요. 얼굴과 카메라만 움직여요. 목소리를 입히지 않고, 입에 말을 넣지 않아요. 영상에는 “AI 생성” 표시가 들어가니 지우지 말아 주세요.

    네라고 하시면 이에 동의하시는 거예요. /revoke 로 언제든 철회하실 수 있어요.
alive-portrait-prompt = 네, 아니요만 알려 주시면 화보를 움직일 수 있어요.
alive-portrait-yes = 네, 움직여 주세요
alive-button-leave = 그만둘게요
alive-button-on = 이어서 하기
alive-send-self = 이제 본인 사진 한 장을 보내 주세요. 얼굴이 또렷하고 카메라를 보고 있으면 좋아요. 오래되거나 긁힌 사진도, 단체 사진도 괜찮아요.
alive-send-living = 이제 그분의 사진 한 장을 보내 주세요. 얼굴이 또렷하고 카메라를 보고 있으면 좋아요. 오래되거나 긁힌 사진도, 단체 사진도 괜찮아요.
alive-send-dead = 이제 그분의 사진 한 장을 보내 주세요. 얼굴이 또렷하고 카메라를 보고 있으면 좋아요. 인화된 옛 사진이라면 빛이 고른 곳에서 바로 위에서 찍어 주세요. 종이 테두리와 곧은 긁힌 자국은 제가 손볼게요. 구불구불하게 갈라지거나 찢어진 곳은 그대로 남아요.
alive-prompt-photo = 사진 한 장을 보내 주시면 움직여 드려요.
alive-looking = 사진을 보고 있어요. 몇 초면 돼요.
alive-one-photo = 한 번에 한 장이에요. 첫 장을 받았고, 이 사진은 열지 않았어요.
alive-waits-photo = 사진을 움직이려던 참이었어요. 사진을 보내 주시면 돼요.
alive-waits = 움직이기를 기다리는 사진이 있어요. 어떻게 움직일지 고르시겠어요?
alive-left = 네, 지금은 움직이지 않을게요.
alive-left-photo =
    { $count ->
        [2] 네, 사진 두 장을 모두 삭제하고 있어요.
       *[other] 네, 사진을 지우고 있어요.
    }
alive-withdrawn =
    { $count ->
        [0] 사진을 움직이는 데 대한 동의를 철회했어요. 하던 작업은 없었어요. 완성된 영상은 지우실 때까지 그대로 있어요.
       *[other] 사진을 움직이는 데 대한 동의를 철회했어요. 끝나지 않은 작업은 멈췄고, 사진은 지우고 있으며, 잡아 둔 크레딧은 돌려드렸어요. 완성된 영상은 지우실 때까지 그대로 있어요.
    }
alive-revoke = 사진을 움직이는 데 대한 동의 철회
alive-which = 어느 사진을 움직일까요? 위 앨범의 순서대로예요.
alive-nothing = 기다리는 사진이 더는 없어요. 다시 보내 주시면 움직여 드려요.

motions-ask = 어떻게 움직일까요? 글자는 움직이는 샘플에 적힌 글자예요.
motions-gift = 첫 영상은 선물이에요.
motions-price = 영상은 { $credits }크레딧이고, 지금 { $balance }크레딧이 있어요.
motions-camera-only = { $why } 그래서 얼굴은 움직이지 않지만, 카메라는 움직일 수 있어요.
motions-alt = 샘플: 모든 움직임을 나란히

film-queued =
    “{ $motion }” { $ahead ->
        [halted] 순서를 기다려요.
        [0] 만들기를 시작해요.
       *[other] 순서를 기다려요. 앞에 { $ahead }개가 있어요.
    } { $gift ->
        [yes] 선물이에요.
       *[no] { $credits }크레딧을 잡아 두었어요.
    }
ended-clip =
    { $how ->
        [done] 이 영상이 완성됐어요.
        [failed] 이 영상을 만들지 못했어요.
       *[cancelled] 이 영상을 취소했어요.
    }
ended-source =
    { $how ->
        [seen] 이 사진을 다 봤어요.
       *[left] 이 사진은 그만두었어요.
    }
film-working = “{ $motion }” 만드는 중: { $percent }.

source-ready =
    { $faces ->
        [0] 이 사진을 움직일게요.
        [1] 이 사진을 움직일게요. 얼굴은 하나예요.
       *[other] 이 사진을 움직일게요. 얼굴 { $faces }개가 함께 움직여요.
    }
source-mended = 손질 전과 후: { $done }.
source-mended-not = 구불구불하게 갈라진 곳, 찢어진 곳, 떨어져 나간 곳은 그대로예요.
source-alt-before = 보내신 그대로의 사진
source-alt-after = 움직일 사진
mended-turned = 바로 돌려놓음
mended-straightened = 똑바로 세움
mended-cropped = 종이 테두리를 잘라 냄
mended-scratches = 긁힌 자국을 옅게 함
mended-noise = 거친 입자를 옅게 함
mended-fading = 바랜 명암을 되살림
mended-enlarged = 크게 함
source-held = 이 사진은 판단하기 어려워서 직원이 먼저 확인해요. 확인되면 알려 드릴게요. 빠져나간 크레딧은 없어요.
source-refused = { $why } 사진은 지웠고, 빠져나간 크레딧은 없어요.
source-unreadable = 이 사진은 읽을 수 없어요.
source-crowd = 사진 속 사람이 너무 많아 모두 동의하셨는지 알 수 없어요.
source-indecent = 움직이기에는 적절하지 않은 사진이에요.
source-minor = 미성년자로 보이는 분이 있어요. 성인 사진만 움직여요.
source-photo-unreadable = 이 사진을 열지 못했어요.
source-photo-video = 이건 동영상이에요. 사진이 필요해요.
source-photo-bomb = 화소가 터무니없이 많아서 열지 않았어요.
source-photo-too-small = 너무 작아서 얼굴이 보이지 않아요.
source-photo-too-narrow = 너무 길쭉해서 얼굴이 아주 작아요. 얼굴과 어깨만 남게 잘라 주세요.
source-photo-painted = AI가 만들었다는 표시가 있는, 그려진 그림이에요. 카메라로 찍은 사진을 보내 주세요. 보정만 한 사진은 괜찮아요.
source-photo-too-large = 너무 커요. { $megabytes }MB까지 받을 수 있어요.
source-broken = 제 쪽에서 문제가 생겼어요.
source-late = 제때 만들어 드릴 서버가 없었어요.
source-no_face = 사진에서 얼굴을 찾지 못했어요.
source-face_too_small = 얼굴이 너무 작아 자연스럽게 움직일 수 없어요.
source-profile = 얼굴이 너무 옆을 보고 있어 자연스럽게 움직일 수 없어요.
source-covered = 눈이나 입이 가려져 있어요.
source-face_cut_off = 얼굴이 사진 가장자리에서 잘렸어요.
source-erased =
    { $count ->
        [2] 삭제 확인증: 움직이려던 사진 두 장이 지워졌고 암호화 키도 없앴어요. 아무도 되살릴 수 없어요.
       *[other] 삭제 확인증: 움직이려던 사진을 지웠고 암호화 키도 없앴어요. 누구도 되살릴 수 없어요.
    }

clip-ready = “{ $motion }”. 고객님 것이에요. “AI 생성” 표시는 지우지 말아 주세요.
clip-ready-erased =
    “{ $motion }”. 고객님 것이에요. “AI 생성” 표시는 지우지 말아 주세요. { $count ->
        [2] 확인증: 보내 주신 사진 두 장의 암호화 키를 없앴어요. 이제 아무도 열 수 없어요.
       *[other] 확인증: 보내신 사진의 암호화 키를 없앴고, 이제 누구도 사진을 열 수 없어요.
    }
clip-failed =
    죄송해요. 영상을 만들지 못했어요. { $why } { $back ->
        [gift] 선물은 그대로 남아 있어요.
       *[credits] { $credits }크레딧을 돌려드렸어요.
    }
clip-stopped =
    “{ $motion }” 작업을 멈췄고, 영상은 만들어지지 않아요. { $back ->
        [gift] 선물은 그대로 남아 있어요.
       *[credits] { $credits }크레딧을 돌려드렸어요.
    }
clip-stop-late = “{ $motion }”은(는) 이미 만들고 있어서 멈출 수 없어요.
clip-photo-erased =
    { $count ->
        [2] 확인증: 보내 주신 사진 두 장의 암호화 키를 없앴어요. 이제 아무도 열 수 없어요.
       *[other] 확인증: 보내신 사진의 암호화 키를 없앴고, 이제 누구도 사진을 열 수 없어요.
    }
clip-button-again = 다른 움직임
clip-button-photo = 다른 사진
clip-button-file = 원본 파일
clip-button-file-pictures = 다시 보기
clip-button-share = 공유
clip-file = 원본 파일이에요. 법에서 정한 “AI 생성” 표시가 들어 있으니 지우지 말아 주세요.
clip-file-pictures = 영상이에요. 법에서 정한 “AI 생성” 표시가 들어 있으니 지우지 말아 주세요.
clip-alt = 영상: { $motion }
clip-none = 아직 영상이 없어요.
clip-in-album = 영상은 앨범에서 볼 수 있어요: { $url }
clip-not-sent = 영상을 보내지 못했어요. “{ $word }”이라고 답하시면 보내 드릴게요.
share-clip-caption = 에이더가 움직인 사진 · AI 생성

# Two pictures in one frame: who comes beside, their photo.
together-button = 다른 사람과 함께
together-begin = 두 사람을 한 화면에 담아 드려요. 먼저 한 분의 사진을 보내 주세요. 제가 살펴보고 나면 “다른 사람과 함께”를 고르고 다른 분의 사진을 보내 주세요.
together-button-alone = 혼자 할게요
together-ask =
    두 사람을 한 화면에 담고, 서로에게 살짝 기대게 해요. 이 사진 속 사람과 다른 사진 속 사람이에요. 옆에 올 사람은 누구인가요?

    첫 사진과 같은 조건이에요. 본인이거나, 동의한 사람이거나, 세상을 떠난 가까운 사람이어야 하고, 성인만 가능해요. 그 사진도 먼저 살펴보고 손질하며 암호화해 보관해요. 영상이 완성되거나, 실패하거나, 마음을 바꾸시거나, { $hours }시간이 지나면 키와 함께 삭제해요. 얼굴은 각자 그대로예요.

    아래에서 고르시면 동의하신 것으로 할게요. 언제든 /revoke로 거두실 수 있어요.
together-prompt = 먼저 옆에 올 사람을 골라 주세요. 고르시면 동의하신 것으로 할게요.
together-send-self = 옆에 놓을 본인 사진을 보내 주세요. 얼굴이 또렷하고 정면을 보며, 둘레에 여유가 있으면 좋아요.
together-send-living = 옆에 올 분의 사진을 보내 주세요. 얼굴이 또렷하고 정면을 보며, 둘레에 여유가 있으면 좋아요.
together-send-dead = 옆에 올 분의 사진을 보내 주세요. 얼굴이 또렷하고 정면을 보며, 둘레에 여유가 있으면 좋아요. 옛 사진은 바로 위에서 찍어 주세요.
together-prompt-photo = 옆에 올 분의 사진을 보내 주시거나, 첫 사진만으로 계속해 주세요.
together-ready = 두 사람을 한 화면에 담았어요. 움직이면서 서로에게 살짝 기대요.
together-alt = 사진 두 장을 한 화면에
together-refused = { $why } 확인증: 두 번째 사진의 암호화 키를 없앴고, 이제 누구도 그 사진을 열 수 없어요. 첫 사진은 그대로 있고, 차감된 것은 없어요.
source-no_room_beside = 첫 사진은 얼굴 둘레에 여유가 없어 옆에 사람을 둘 수 없어요. 혼자 움직일게요.

# 운영자가 파는 경우, 영상 모델이 만드는 영상.
generated-button = 생성 영상으로
generated-ask = 여기서는 영상 모델이 사진을 보고 모든 장면을 새로 그려요. 더 많이 움직이지만 일부는 지어낸 것이라, 얼굴이나 손, 주변이 실제와 다를 수 있어요. 목소리도 대사도 없고, “AI 생성” 표시는 그대로 남아요. 아래에서 고르시면 이 사진에 그렇게 하는 데 동의하시는 거예요.
generated-price =
    { $credits ->
       *[other] 생성 영상은 { $credits }크레딧이에요. 지금 { $balance }크레딧이 있어요. 만들지 못하면 모두 돌려드려요.
    }
generated-wait =
    { $known ->
        [no-worker] 지금은 이 일을 하는 곳이 없어서 언제 끝날지 말씀드릴 수 없어요.
        [no] 최근에 만든 것이 많지 않아 얼마나 걸릴지 모르겠어요.
       *[yes] 지금 주문하시면 { $span } 정도 걸려요.
    }
generated-button-back = 사진 그대로 움직이기
generated-on-the-way = 생성 영상이라 일부는 지어낸 것이에요.
generated-made = 생성 영상이라 일부는 지어낸 것이에요.
