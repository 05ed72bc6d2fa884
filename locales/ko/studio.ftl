# The studio: styles, portraits, more like me, more beautiful, the avatar.
studio =
    아바타가 준비됐어요. 무엇을 찍을까요? 화보 한 세트({ $portraits }장)는 { $cost }크레딧이고, 지금 { $balance }크레딧이 있어요.
studio-prompt = 다른 스타일을 고르시거나, 지난 세트의 표정을 바꾸거나, 더 닮게, 더 보기 좋게 해 보세요.
studio-button-styles = 스타일
studio-button-avatar = 내 아바타
studio-button-credits = 크레딧
studio-button-new = 새 아바타

styles-page = 스타일({ $pages }쪽 중 { $page }쪽). 고르시면 바로 찍어요. 한 세트에 { $cost }크레딧:
styles-not-shown =
    아직은 어려워요. 이 스타일들은 큰 스튜디오 모델이 필요하고, 지금의 작은 모델로는 제대로 그릴 수 없어요: { $names }. 잘하지 못하는 것은 팔지 않아요.
firsts-page = 첫 화보는 어떤 스타일로 찍을까요? ({ $pages }쪽 중 { $page }쪽) 어떤 스타일이든 가격에 포함돼 있어요:
first-chosen = 네, 첫 화보는 “{ $style }” 스타일로 찍을게요.
first-not-shown = “{ $style }” 스타일은 큰 스튜디오 모델이 필요해서 지금의 작은 모델로는 제대로 그릴 수 없어요. 첫 화보는 다른 스타일로 골라 주세요.
first-not-suited = “{ $style }” 스타일은 고르신 성별과 맞지 않아요. 첫 화보는 다른 스타일로 골라 주세요.
first-button-others = 첫 화보 스타일 바꾸기
style-button-shoot = 이 세트 찍기 · { $cost }크레딧
styles-button-next = 다음
styles-button-previous = 이전
style-not-shown =
    “{ $style }” 스타일은 큰 스튜디오 모델이 필요해요. 지금의 작은 모델로는 제대로 그릴 수 없어 크레딧을 받지 않을게요. 다른 스타일은 어떠세요?

shoot-queued =
    { $ahead ->
        [halted] “{ $style }” 촬영을 예약했어요. { $credits }크레딧을 잡아 두었고, { $balance }크레딧이 남았어요.
        [0] “{ $style }” 촬영을 시작해요. { $credits }크레딧을 잡아 두었고, { $balance }크레딧이 남았어요.
       *[other] “{ $style }” 촬영을 예약했어요. 앞에 { $ahead }세트가 있어요. { $credits }크레딧을 잡아 두었고, { $balance }크레딧이 남았어요.
    }
ended-shoot =
    { $how ->
        [done] 이 화보가 완성됐어요.
        [failed] 이 화보를 만들지 못했어요.
       *[cancelled] 이 화보를 취소했어요.
    }
shoot-working = “{ $style }” 촬영 중: { $percent }.
shoot-offer = “{ $style }” 한 세트({ $portraits }장)를 새로 찍으면 { $cost }크레딧이에요. 지금 { $balance }크레딧이 있어요. 찍을까요?
shoot-already = “{ $style }” 세트를 이미 찍고 있어요. 나온 뒤에 다시 골라 주세요. 더 빠져나간 크레딧은 없어요.
shoot-one-expression = “{ $style }”에는 표정이 하나뿐이라 바꿀 수 없어요. 빠져나간 크레딧은 없어요.
shoot-liker = 아바타 강도는 { $strength_before } → { $strength }(최고 { $top }), 보정은 { $beauty_before } → { $beauty }로 맞췄어요. 앞으로도 기억할게요.
shoot-fairer = 보정은 { $beauty_before } → { $beauty }, 아바타 강도는 { $strength_before } → { $strength }(최고 { $top })로 맞췄어요. 앞으로도 기억할게요.
# Below portraits: what a button does to both numbers.
shoot-next = 다음에 “{ $label }”: 아바타 강도 { $strength }(최고 { $top }), 보정 { $beauty }.
shoot-expression =
    이번에는 { $expression ->
        [neutral] 차분한 표정으로 찍을게요.
        [smile] 웃는 얼굴로 찍을게요.
       *[soft_smile] 옅은 미소로 찍을게요.
    }

portraits = { $style }. 아바타 강도 { $strength }(최고 { $top }), 보정 { $beauty }.
portraits-first =
    첫 화보예요: { $style }. 아바타 강도 { $strength }(최고 { $top }), 살짝 보정했어요({ $beauty }). 덜 닮았다면 “더 나처럼”을 골라 주세요. 최대치까지 여러 번 고르실 수 있어요. “더 보기 좋게”를 고르면 보정이 더해져요.
portraits-fewer = 죄송해요. 이 세트 { $asked }장 가운데 { $came }장만 제 검사를 통과했어요. 나머지는 부족해서 드리지 않았고, 그만큼인 { $credits }크레딧을 돌려드렸어요.
portraits-button-more = 더 나처럼
portraits-button-fairer = 더 보기 좋게
portraits-button-again = 한 세트 더
portraits-button-expression = 다른 표정
button-cost = { $label } · { $cost }크레딧
portraits-button-styles = 다른 스타일
portraits-button-originals = 원본 파일
portraits-button-originals-pictures = 이 세트 다시 보기
portraits-button-alive = 움직이기
portraits-button-share = 공유
portraits-button-avatar = 내 아바타
portraits-button-album = 내 앨범 열기
portraits-alt = { $style }, { $number }번째 사진
originals = 원본 파일이에요({ $width } × { $height }픽셀). 법에서 정한 “AI 생성” 표시가 들어 있으니 지우지 말아 주세요. 모두 고객님 것이에요.
originals-pictures = 이 세트예요({ $width } × { $height }픽셀). 법에서 정한 “AI 생성” 표시가 들어 있으니 지우지 말아 주세요. 모두 고객님 것이에요.
album-link = 모든 화보와 원본 파일은 앨범에 있어요: { $url }
album-more = { $count }장은 자리가 없어 보내지 못했어요. “{ $word }”이라고 답하시면 세트 전체를 보여 드릴게요.
album-rest = { $count }장은 여기로 보내지 않았어요. 앨범에 있어요.
sets-last = 아래 선택지는 마지막 세트에 대한 것이에요.
pictures-missing = 지금은 사진을 보낼 수 없어요. 잠시 뒤 다시 해 주세요.
originals-none = 아직 내려받을 화보가 없어요.
preview-alt = 샘플: { $style }

avatar-card =
    고객님의 디지털 아바타
    만든 날: { $day }
    학습: { $steps }단계, { $span }
    아바타 강도: { $strength } (최고 { $top }, 화보에 아바타를 얼마나 강하게 반영할지 정하는 값)
    보정: { $beauty }
    지금까지 찍은 화보: { $portraits }장
avatar-none = 아직 아바타가 없어요. 사진부터 시작하면 되니, 제가 하나씩 안내할게요.
new-ask =
    새 아바타를 만들려면 사진을 다시 보내고 결제({ $price })도 다시 하셔야 해요. 지금 아바타는 새 아바타가 완성될 때까지 그대로 있어요.
new-button-yes = 네, 새로 만들게요
new-already = 이미 진행 중인 주문이 있어요. 먼저 마치시거나 취소해 주세요.
