# Words that a person may type instead of pressing a button, in this language. They work for
# everybody, whichever language they chose. Parted by "|"; case, spaces and marks do not matter.
language-name = 한국어
words-language-this = 한국어 | 한국말 | 한국어로
words-start = 시작 | 사진 찍기 | 안녕 | 안녕하세요 | 시작하기 | 시작할게요
words-help = 도움말 | 도와주세요 | 도움 | 어떻게 써요
words-price = 얼마예요 | 가격 | 얼마 | 요금
words-language = 언어 | 언어 변경 | 언어 바꾸기
words-mydata = 내 데이터 | 내 정보 | 제 정보 | 데이터
words-erase = 전부 삭제 | 삭제 | 모두 삭제 | 내 데이터 삭제 | 사진 삭제 | 지워 주세요
words-cancel = 취소 | 그만 | 안 할래요 | 환불 | 환불해 주세요
words-orders = 주문 | 내 주문 | 주문 내역
words-styles = 스타일 | 다른 스타일 | 템플릿 | 화보
words-credits = 크레딧 | 잔액 | 충전 | 크레딧 구매
words-terms = 약관 | 사진은 어떻게 되나요 | 사진 처리
words-privacy = 개인정보 | 개인정보 처리방침
words-revoke = 동의 철회 | 철회 | 동의 취소
words-avatar = 아바타 | 내 아바타
words-new = 새 아바타 | 다시 만들기 | 처음부터 다시
words-tips = 팁 | 촬영 팁 | 어떻게 찍어요 | 어떤 사진
words-where = 계속 | 어디까지 됐어요 | 진행 상황 | 다 됐나요 | 다 됐어요 | { waiting-button-refresh }
words-paysupport = 결제 문제 | 결제 오류 | 결제했어요 | 두 번 결제됐어요
words-agree = 네 | 예 | 동의 | 동의해요 | 동의합니다 | 좋아요
words-decline = 아니요 | 아니오 | 싫어요 | 동의하지 않아요
words-woman = 여자 | 여성 | 여자예요
words-man = 남자 | 남성 | 남자예요
words-person = 둘 다 아님 | 말하고 싶지 않음 | 기타
words-done = 다 보냈어요 | 끝 | 이게 다예요 | 충분해요 | 완료
words-out = 빼기 | 빼 줘 | 제가 아니에요 | 제가 아닌 사진이 있어요 | 저 아니에요 | 번은 제가 아니에요 | 번 제가 아니에요 | 번은 저 아니에요 | 번은 제가 아닌데요 | 번 빼 주세요 | 번 빼줘 | 번은 빼 주세요
numbers-and = 와 | 과 | 및 | 하고
words-pay = 결제 | 결제하기 | 결제할게요
words-more = 더 나처럼 | 더 닮게
words-fairer = 더 보기 좋게 | 더 예쁘게 | 더 멋지게 | 더 곱게
words-again = 한 세트 더 | 다시 찍기 | 하나 더
words-expression = 다른 표정 | 표정 바꿔 | 표정 바꾸기
words-originals = 원본 | 다운로드 | 원본 파일
words-share = 공유 | 공유하기 | 친구에게 보내기
words-invite = 초대 | 초대하기 | 친구 초대
words-support = 상담원 | 상담 | 상담원 연결
words-verify = 확인하기 | 진짜인지 확인 | 사진 검증 | 검증
words-link = 연결 | 대화 연결 | 계정 연결 | 계정 연동
words-unlink = 연결 해제 | 대화 나누기 | 연동 해제
words-alive = 사진 움직이기 | 사진을 움직여 주세요 | 움직이기 | 사진 살리기 | 옛날 사진
words-together = 함께 | 같이 | 둘이 함께 | 한 화면에
words-clip = 영상 | 내 영상 | 다시 보기
words-paint = 그려줘 | 그려 줘 | 그려주세요 | 그려 주세요 | 그려 줄래 | 그려 봐 | 내 말대로 그리기
words-film = 영상 만들어 줘 | 영상으로 만들어 줘 | 영상 만들어 주세요 | 영상으로 만들어 주세요
words-please = 저를 | 나를
words-self = 저예요 | 본인
words-living = 살아 계신 분
words-dead = 돌아가신 분
words-minor-age = 열(?:한|두|세|네|다섯|여섯|일곱)?|다섯|여섯|일곱|여덟|아홉|십[일이삼사오육칠]?
words-minor-goes-on = [ㅋㅎㅠ]
words-minor-supposed = 만약|처럼|같이
words-minor =
    (?:^|[,;:!?.])(?:저는|전|저|나는|난|나|제나이는|내나이는)(?:아직|올해|이제|지금|겨우|사실|만)*AGE(?:살|세)반?(?:이에요|이예요|예요|에요|이야|야|입니다|임|이고요|이고|인데요|인데|이거든요|이라서)?END
    ^(?:아직|올해|이제|지금|겨우|사실|만)*AGE(?:살|세)반?(?:이에요|이예요|예요|에요|이야|야|입니다|임|인데요|인데)?(?:[.!~])*$
    (?:^|[,;:!?.])(?:저는|전|저|나는|난|나)?(?:아직|올해|이제|지금|겨우|사실|만)*미성년자?(?:이에요|예요|에요|입니다|인데요?|이야|야|임)
# 짧은 질문: 한 줄에 하나씩, 부호와 띄어쓰기를 뺀 글에 맞추는 정규식 (handlers/questions/sentences.py).
words-asks-case =
    (?:메시지|메세지|문의|질문)(?:한거|한것|내용)?(?:를|을|는|은|에|가|이)?(?:좀|혹시|누가|누군가|직원이|다|잘|벌써|아직)*(?:읽|봤|보셨|보았|확인|답변|답장|답을|전달|접수|도착|처리)
    (?:누가|누군가|아무도|직원|직원이|상담원|상담원이)(?:언제|제|내|저한테|아직|왜)*(?:답|읽|회신)
    (?:답변|답장|회신)(?:은|이|을|도)?(?:언제|아직|왜|없|안|왔|있나|있어|받)
    언제(?:쯤)?(?:답변|답장|회신|답을)
words-asks-money =
    (?:^|[내제한낸의])돈(?:은|이|을|다|도)*(?:어디|없어졌|사라졌|날아갔|못찾)
    (?:결제|입금)(?:는|를)?(?:했|한|하였|됐).*주문(?:은|이|내역이|도)?(?:없|사라|안보|어디)
    주문(?:은|이|내역이)?(?:없어졌|사라졌|안보)
