# /verify: 파일의 표시가 무엇을 증명하는지. 채팅, /verify 페이지, 명령줄에서 말합니다.
verify-ask =
    사진이나 영상 파일을 보내 주시면 저희가 만든 것인지, 그 뒤로 바뀌었는지 알려 드릴게요. 표시만 읽고 다른 것은 보지 않으며, 아무것도 보관하지 않아요.

    사진이나 동영상이 아니라 파일로 보내 주세요. 채팅 앱은 다시 압축하기 때문에 표시가 사라져요.
verify-ask-pictures =
    사진을 보내 주시면 저희가 만든 것인지, 그 뒤로 바뀌었는지 알려 드릴게요. 표시만 읽고 다른 것은 보지 않으며, 아무것도 보관하지 않아요.

    이 채팅은 사진을 다시 압축해서 표시가 대부분 사라져요. 원본 파일이 있다면 여기서 확인해 주세요: { $page }
verify-button-again = 다른 파일 확인

verify-ours = 네, 저희가 만든 파일이에요. 드린 뒤로 보이는 내용도, 표시의 내용도 바뀌지 않았어요.
verify-changed = 이 파일에는 저희 표시가 있지만 파일과 맞지 않아요. 저희가 서명한 뒤에 파일이 바뀌었거나, 저희의 다른 파일에서 표시를 옮겨 온 거예요. 그래서 지금 보이는 것에 대해서는 아무것도 증명되지 않아요.
verify-made-for = 이 표시가 원래 가리키는 것:
verify-claimed = 이 파일은 저희 것이라고 적혀 있지만, 그것을 증명하는 저희 서명이 없어요. 그런 표시는 누구나 적을 수 있으니 주장으로만 봐 주세요.
verify-others = 표시가 있지만 저희 것은 아니에요. 그 내용이 사실인지는 알 수 없어요.
verify-none =
    제가 읽을 수 있는 표시가 없어요. 이것으로는 아무것도 증명되지 않아요. 채팅 앱이 사진과 동영상을 압축하며 표시를 지우기도 하고, 누구나 지울 수 있어요. 저희가 만든 것일 수도, 아닐 수도 있어요.
verify-states-painted = 표시 내용: AI가 만든 그림.
verify-states-retouched = 표시 내용: 실제 내용을 AI로 바꾼 것.
verify-kind-portrait = 저희 스튜디오의 화보
verify-kind-sample = 학습 중인 아바타의 샘플
verify-kind-preview = 스타일의 예시 사진
verify-kind-sheet = 밀착 인화 시트
verify-kind-clip = 저희 스튜디오의 영상
verify-kind-poster = 저희 스튜디오 영상의 한 장면
verify-kind-together = 저희 스튜디오가 한 화면에 담은 사진 두 장
verify-painted = Eider가 그림: 전체를 AI가 만듦
verify-retouched = Eider가 보정: 일부를 AI가 만듦
verify-moved = Eider가 움직이게 함: 실제 사진이며, 움직임은 카메라로 찍은 것이 아님
verify-day = 만든 날: { $day }
verify-whose = 누구의 것인지는 아무에게도 말하지 않아요.
verify-unreadable = 이 파일은 읽을 수 없어요. JPEG, PNG, WebP, AVIF, HEIC 사진과 MP4, MOV 영상을 확인해요.
verify-too-large = 파일이 너무 커요. { $megabytes } MB까지 확인할 수 있어요.

verify-page-title = Eider가 만든 사진이나 영상인가요?
verify-page-about = 받은 파일을 그대로 골라 주세요. 표시를 읽고 저희가 만든 것인지, 그 뒤로 바뀌었는지 알려 드려요. 보관하지 않고, 누구의 것인지는 아무에게도 말하지 않아요.
verify-page-choose = 사진 또는 영상
verify-page-button = 확인
verify-page-busy = 확인하는 중 …
verify-page-trouble = 지금은 되지 않았어요. 잠시 뒤에 다시 해 주세요.
verify-page-wait = 지금은 파일이 너무 많아요. { $wait } 뒤에 다시 해 주세요.
