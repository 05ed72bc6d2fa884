# 터미널 시연: 말풍선 사이의 글.
demo-title = 아이더 · 손님 한 명의 전체 과정
demo-starting = 새 사진관을 여는 중: 저장소, 웹, 배달원, 작업자 둘…
demo-no-photos = { $folder }에 사진이 없습니다.
demo-failed = 과정이 중단되었습니다. 까닭은 { $folder }에 있습니다.
demo-comparing = 비교를 위해 같은 템플릿과 시드로 LoRA 없이 다시 그리는 중…
demo-not-compared = 비교 그림을 그리지 못했습니다. 까닭은 { $file }에 있습니다.
demo-done = 전체 과정이 끝났습니다
demo-looked = 직접 확인: 남은 업로드와 학습 저장본 { $uploads }, 장부 합계 { $books }.
demo-saved = 인물 사진과 { $sheet } 파일을 { $folder }에 저장했습니다.
demo-open = 사진관은 계속 열려 있습니다. 본인 사진으로 해 보세요: { $address }
demo-stop = Ctrl-C로 닫습니다.
demo-sheet-photos = 손님이 보낸 사진 (일부)
demo-sheet-portraits = 인물 사진
demo-sheet-expressions = 다른 표정
demo-sheet-liker = 더 나처럼
demo-sheet-base = 손님의 LoRA 없이 그린 같은 그림
