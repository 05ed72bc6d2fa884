#!/usr/bin/env bash
# new-env.sh [FILE]: write the .env of deploy/compose.yaml: new random keys, and what only you know, which it asks for;
# and beside it chat.env, with secrets that the processes which open pictures are not to have, nor to derive.
# Both are for their owner alone (600). One that is there is never touched: its master key opens what is stored.
set -euo pipefail
file=${1:-"$(dirname "$0")/.env"}
chats="$(dirname "$file")/chat.env"
complain() { echo "new-env.sh: $*" >&2; exit 1; }
[ ! -e "$file" ] && [ ! -L "$file" ] || complain "$file is there already, and holds keys that nothing can replace: it stays as it is"
[ ! -e "$chats" ] && [ ! -L "$chats" ] || complain "$chats is there already: it stays as it is; move it away, and put what it has into the new one"
ask() { # question, pattern, what it must be like; the answer in $answer
  printf '%s: ' "$1" >&2
  read -r answer || complain "no answer to: $1"
  [[ $answer =~ $2 ]] || complain "$1: $3; nothing was written"
}
ask "Domain that points to this machine" '^([a-z0-9-]+\.)+[a-z]{2,}$' "must be like studio.example"
domain=$answer
ask "Token of the bot, from @BotFather" '^[0-9]+:[A-Za-z0-9_-]{20,}$' "must look like 123456:ABC..."
token=$answer
ask "Price of an avatar in Stars" '^[1-9][0-9]{0,3}$' "must be a number from 1 to 9999"
stars=$answer
ask "Your own number in Telegram, to moderate (empty: nobody)" '^[0-9]*$' "must be a number"
admins=${answer:+telegram:$answer}
random() { head -c 32 /dev/urandom; }
hex() { random | od -An -v -tx1 | tr -d ' \n'; }
master=$(random | base64) postgres=$(hex) valkey=$(hex) s3=$(hex) grafana=$(hex) webhook=$(hex) till=$(hex) || true
for key in "$master" "$postgres" "$valkey" "$s3" "$grafana" "$webhook" "$till"; do
  [ ${#key} -ge 44 ] || complain "no random keys could be made (head, od, base64 and /dev/urandom are needed); nothing was written"
done
umask 077
draft=$(mktemp "$file.XXXXXX")
trap 'rm -f "$draft" "$draft.chat"' EXIT
cat >"$draft" <<ENV
# Made by deploy/new-env.sh. Keep a copy of EIDER_MASTER_KEY away from this machine: without it every picture is noise.
DOMAIN=$domain
EIDER_TELEGRAM_TOKEN=$token
EIDER_STARS_AVATAR=$stars
EIDER_ADMINS=$admins
EIDER_TIME_ZONE=UTC
EIDER_BASE=mini
EIDER_MASTER_KEY=$master
POSTGRES_PASSWORD=$postgres
VALKEY_PASSWORD=$valkey
S3_KEY_ID=${grafana:44}
S3_SECRET_KEY=$s3
GRAFANA_PASSWORD=${grafana:0:44}
ENV
cat >"$draft.chat" <<ENV
# Made by deploy/new-env.sh, for web and courier alone. By default these come from the master key, which whoever opens
# pictures must have: who took such a process over could then say that a bill was paid.
EIDER_TELEGRAM_WEBHOOK_SECRET=$webhook
EIDER_SANDBOX_TILL_SECRET=$till
ENV
ln "$draft.chat" "$chats" 2>/dev/null || complain "$chats came to be meanwhile: it stays as it is; nothing was written"
ln "$draft" "$file" 2>/dev/null || { rm -f "$chats"; complain "$file came to be meanwhile: it stays as it is"; }
echo "$file and $chats are written. Copy the EIDER_MASTER_KEY of the former to a place away from this machine." >&2
