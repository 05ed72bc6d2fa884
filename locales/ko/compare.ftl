# The optional consent: comparing the first portraits with the photos while they are made.
compare-ask =
    선택 질문이에요. 어떻게 답하셔도, 답하지 않으셔도 화보는 똑같이 찍어 드려요.
    한마디로, 어느 화보가 가장 닮았는지 한 번만 비교하고 고객님 것은 아무것도 남기지 않아요.

    첫 화보가 나올 때 보내 주신 사진과 비교해서 가장 닮은 사진으로 골라 드릴까요?

    아바타가 거의 완성되고 사진이 아직 삭제되지 않았을 때, 저희 서버의 메모리 안에서 딱 한 번만 비교해요. 그때 계산한 얼굴 특징 정보와 점수는 저장하지도 내보내지도 않아요. 다만 화보가 얼마나 닮게 나오는지를, 다섯 분 이상을 한데 모아 누구인지 없이 세어 저희 작업이 나빠지지 않는지 봐요. 이후의 화보는 비교하지 않아요. 충분히 닮지 않은 화보는 드리지 않고 크레딧을 돌려드려요. 비교하지 않으면 선명도 같은 기준으로만 골라요. /privacy 에서 언제든 바꾸실 수 있고, 아바타는 그대로예요.
compare-button-yes = 비교하기
compare-button-no = 비교 안 함
compare-yes = 네, 한 번만 비교하고 고객님 것은 아무것도 남기지 않을게요. 마음이 바뀌시면 /privacy 에서 바꿔 주세요.
compare-yes-later = 네, 적어 두었어요. 이미 만들고 있는 아바타에는 늦었을 수 있지만, 다음 아바타를 만들 때는 꼭 한 번 비교하고 고객님 것은 아무것도 남기지 않을게요. 마음이 바뀌시면 /privacy 에서 바꿔 주세요.
compare-no = 네, 화보와 사진을 비교하지 않을게요. 마음이 바뀌시면 /privacy 에서 바꿔 주세요.
compare-off = 철회했어요. 이제 화보와 사진을 비교하지 않아요.
compare-off-begun = 철회했어요. 이제 화보와 사진을 비교하지 않아요. 지금 만들고 있는 아바타의 비교 결과는 모두 버리고, 첫 화보는 비교 없이 다시 찍을게요.
compare-privacy-ask = 화보와 사진을 비교할까요?
compare-privacy-off = 화보와 사진 비교 그만하기
compare-revoke = 비교만 철회하고 아바타는 두기

# The other: comparing the photos of an order with each other, before they are paid for.
compare-photos-ask =
    선택 질문이에요. 어떻게 답하셔도, 답하지 않으셔도 다른 것은 그대로예요.
    한마디로, 나머지와 달라 보이는 사진이 있는지만 보고, 그 밖에는 아무것도 남기지 않아요.

    아바타를 만들려고 보내신 사진을 서로 비교해서, 나머지와 달라 보이는 사진에 표시해 드릴까요?

    부탁하실 때만, 결제하시기 전에, 저희 서버의 메모리 안에서 비교해요. 그때 계산한 얼굴 특징 정보는 저장하지도 내보내지도 않아요. 어느 사진이 닮았고 달라 보였는지만 사진과 함께 두고, 사진이 지워질 때 같이 지워요. 저는 표시만 하고, 결정은 직접 하세요. 제가 틀릴 수도 있어요. /privacy 에서 언제든 바꾸실 수 있고, 그러면 표시도 지워요.
compare-photos-yes = 네, 사진을 서로 비교하고 나서 알려 드릴게요. 계산한 얼굴 특징 정보는 남기지 않아요.
compare-photos-noted = 네, 적어 두었어요. 결제하시기 전, 사진 모음에서 비교를 부탁하실 수 있어요.
compare-photos-no = 네, 사진을 서로 비교하지 않을게요. 마음이 바뀌시면 /privacy 에서 바꿔 주세요.
compare-photos-off = 철회했어요. 이제 사진을 서로 비교하지 않고, 표시해 둔 것도 지웠어요.
compare-photos-failed = 사진을 비교하지 못했어요. 바뀐 것은 없어요. 직접 살펴보시거나, 다시 해 보라고 해 주세요.
ended-comparing =
    { $how ->
        [done] 사진 비교를 마쳤어요.
       *[ended] 지금은 사진을 비교하고 있지 않아요.
    }
compare-photos-privacy-ask = 제 사진을 서로 비교할까요?
compare-photos-privacy-off = 제 사진 비교 그만하기
compare-photos-revoke = 사진 비교만 철회하기
