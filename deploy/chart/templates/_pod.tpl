{{/* The environment of a process: plain values, then what Secrets hold. `side` is chat or workers; `more` what is the
process's own. */}}
{{- define "eider.env" -}}
{{- $root := .root }}
{{- $plain := dict "EIDER_DATA" "/data" "EIDER_LOG_FORMAT" "json" "EIDER_HEALTH_HOST" "0.0.0.0" "EIDER_HEALTH_PORT" "9100" "EIDER_MIGRATE_AT_START" "no" }}
{{- $secret := deepCopy $root.Values.secrets.house }}
{{- if eq .side "chat" }}
{{- $secret = mustMergeOverwrite $secret $root.Values.secrets.chat }}
{{- $_ := set $plain "EIDER_HOST" "0.0.0.0" }}
{{- $_ := set $plain "EIDER_PORT" "8080" }}
{{- $_ := set $plain "EIDER_PUBLIC_URL" (printf "https://%s" $root.Values.host) }}
{{- $_ := set $plain "EIDER_LABEL_KEYS" (ternary "/labels/keys" "none" (ne $root.Values.labelKeys "")) }}
{{- if and (hasKey $secret "EIDER_TELEGRAM_TOKEN") (not $root.Values.poll.enabled) }}
{{- $_ := set $plain "EIDER_TELEGRAM_WEBHOOK_URL" (printf "https://%s/telegram" $root.Values.host) }}
{{- end }}
{{- if include "eider.comes-when-owed" (dict "root" $root "warm" false) }}{{ $_ := set $plain "EIDER_SALES_NEED" "check,courier" }}{{ end }}
{{- end }}
{{- range list $root.Values.settings.house (get $root.Values.settings .side) .more }}
{{- range $name, $value := . }}{{ $_ := set $plain $name $value }}{{ end }}
{{- end }}
{{- range $name, $value := $plain }}
{{- if hasKey $secret $name }}{{ fail (printf "settings: %s stands in secrets as well" $name) }}{{ end }}
- name: {{ $name }}
  value: {{ ternary (printf "%.0f" (float64 $value)) (toString $value) (kindIs "float64" $value) | quote }}
{{- end }}
{{- range $name, $from := $secret }}
- name: {{ $name }}
  valueFrom: {secretKeyRef: {name: {{ $from.name | quote }}, key: {{ $from.key | quote }}}}
{{- end }}
{{- end }}

{{- define "eider.container-security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* A pod of one process: `component`, `target` (the image), `args`, `side`, `more`, `resources`, `grace`; of chats
`ports`, `restart` for a Job's; of studios `studio`. */}}
{{- define "eider.pod" -}}
{{- $root := .root }}
{{- $values := $root.Values }}
{{- $studio := .studio | default dict }}
{{- $class := dict }}
{{- if $studio.gpu }}{{ $class = get $values.gpuClasses $studio.gpu }}{{ end }}
{{- $labels := and (eq .side "chat") (not .restart) $values.labelKeys }}
{{- $resources := deepCopy .resources }}
{{- if $class }}
{{- $resources = mustMergeOverwrite $resources (dict "limits" (dict $class.resource 1)) }}
{{- end }}
{{- $spot := $studio.spot | default false }}
{{- $selector := mustMergeOverwrite (deepCopy ($class.nodeSelector | default dict)) (ternary $values.spotNodes.nodeSelector dict $spot) }}
{{- $tolerations := concat ($class.tolerations | default list) (ternary $values.spotNodes.tolerations list $spot) }}
metadata:
  labels:
    {{- include "eider.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
    eider/side: {{ .side }}
spec:
  enableServiceLinks: false
  automountServiceAccountToken: false
  # Not our process is the first of the pod, but one that hears every signal and takes in orphans.
  shareProcessNamespace: true
  {{- with $values.serviceAccount }}
  serviceAccountName: {{ . | quote }}
  {{- end }}
  {{- with $values.priorityClass }}
  priorityClassName: {{ . | quote }}
  {{- end }}
  {{- with $class.runtimeClass }}
  runtimeClassName: {{ . | quote }}
  {{- end }}
  {{- with $selector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . | quote }}
    {{- end }}
  {{- end }}
  {{- with .restart }}
  restartPolicy: {{ . }}
  {{- end }}
  terminationGracePeriodSeconds: {{ .grace }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  {{- if not .restart }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "eider.selector" $root | nindent 10 }}
          app.kubernetes.io/component: {{ .component }}
  {{- end }}
  {{- if $labels }}
  initContainers:
    # A Secret is mounted readable to a group, and a key that others may read is refused.
    - name: label-keys
      image: {{ include "eider.image" (dict "root" $root "target" .target) | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      command: [sh, -c, "install -d -m 700 /labels/keys && install -m 600 /label-secret/* /labels/keys/"]
      securityContext: {{- include "eider.container-security" . | nindent 8 }}
      resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {memory: 64Mi}}
      volumeMounts:
        - {name: label-secret, mountPath: /label-secret, readOnly: true}
        - {name: labels, mountPath: /labels}
  {{- end }}
  containers:
    - name: {{ .role }}
      image: {{ include "eider.image" (dict "root" $root "target" .target) | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      args: {{ toJson .args }}
      securityContext: {{- include "eider.container-security" . | nindent 8 }}
      env: {{- include "eider.env" (dict "root" $root "side" .side "more" (.more | default dict)) | nindent 8 }}
      resources: {{- toYaml $resources | nindent 8 }}
      {{- if not .restart }}
      ports:
        - {name: health, containerPort: 9100}
        {{- if .serves }}
        - {name: http, containerPort: 8080}
        {{- end }}
      startupProbe: {httpGet: {path: /livez, port: health}, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 60}
      livenessProbe: {httpGet: {path: /livez, port: health}, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6}
      readinessProbe: {httpGet: {path: /readyz, port: health}, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 2}
      {{- end }}
      {{- if .serves }}
      # Proxies send requests for some seconds more.
      lifecycle: {preStop: {exec: {command: [sleep, "8"]}}}
      {{- end }}
      volumeMounts:
        - {name: data, mountPath: /data}
        - {name: tmp, mountPath: /tmp}
        {{- if $labels }}
        - {name: labels, mountPath: /labels, readOnly: true}
        {{- end }}
        {{- if $studio.gpu }}
        - {name: shm, mountPath: /dev/shm}
        {{- end }}
        {{- if $studio.weights }}
        - {name: weights, mountPath: /bases, readOnly: true}
        {{- end }}
  volumes:
    - {name: data, emptyDir: {}}
    - {name: tmp, emptyDir: {medium: Memory, sizeLimit: {{ $studio.tmp | default "512Mi" }}}}
    {{- if $labels }}
    - {name: label-secret, secret: {secretName: {{ $values.labelKeys | quote }}, defaultMode: 0440}}
    - {name: labels, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
    {{- end }}
    {{- if $studio.gpu }}
    - {name: shm, emptyDir: {medium: Memory, sizeLimit: 1Gi}}
    {{- end }}
    {{- if $studio.weights }}
    - {name: weights, persistentVolumeClaim: {claimName: {{ $studio.weights | quote }}, readOnly: true}}
    {{- end }}
{{- end }}

{{/* A Deployment of `eider.pod`; without `replicas` something else scales it. */}}
{{- define "eider.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "eider.name" .root }}-{{ .component }}
  labels:
    {{- include "eider.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  {{- if hasKey . "replicas" }}
  replicas: {{ .replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy: {{- toYaml .strategy | nindent 4 }}
  selector:
    matchLabels:
      {{- include "eider.selector" .root | nindent 6 }}
      app.kubernetes.io/component: {{ .component }}
  template: {{- include "eider.pod" . | nindent 4 }}
{{- end }}

{{- define "eider.disruption-budget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "eider.name" .root }}-{{ .component }}
  labels: {{- include "eider.labels" .root | nindent 4 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "eider.selector" .root | nindent 6 }}
      app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "eider.hpa" -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "eider.name" .root }}-{{ .component }}
  labels: {{- include "eider.labels" .root | nindent 4 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ include "eider.name" .root }}-{{ .component }}}
  minReplicas: {{ .autoscaling.min }}
  maxReplicas: {{ .autoscaling.max }}
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: {{ .autoscaling.cpu }}}}
{{- end }}
