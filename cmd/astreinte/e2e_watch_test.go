package main_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// rules fire at Prometheus while the server is broken.
const rules = `
groups:
  - name: servers
    rules:
      - alert: HostDown
        expr: server_broken == 1
        for: 0s
        labels: {customer: acme, site: Givrand, severity: critical}
        annotations: {summary: the server does not answer}
`

// prometheusConfig has the address of what it scrapes and a section alerting.
const prometheusConfig = `
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs:
  - job_name: servers
    static_configs: [{targets: [%q], labels: {instance: srv-db-01}}]
alerting: {alertmanagers: [%s]}
`

// alertmanagerConfig has the daemon's address and the source's token.
const alertmanagerConfig = `
route: {receiver: astreinte, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 5s}
receivers:
  - name: astreinte
    webhook_configs:
      - url: http://%s/ingest/prometheus
        send_resolved: true
        http_config: {authorization: {type: Bearer, credentials: %s}}
`

// watchThroughAlertmanager watches the server by a Prometheus with an
// Alertmanager, which posts its webhook to the daemon.
func (s *site) watchThroughAlertmanager(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "alertmanager.yml")
	write(t, config, fmt.Sprintf(alertmanagerConfig, s.address, ingestToken))
	program := installed(t, "prometheus-alertmanager", "prometheus-alertmanager")
	_, address := listen(t, "alertmanager", "/-/ready", func(address string) *exec.Cmd {
		return exec.Command(program, "--config.file="+config, "--storage.path="+filepath.Join(dir, "data"),
			"--web.listen-address="+address, "--cluster.listen-address=")
	})
	s.watch(t, fmt.Sprintf(`{static_configs: [{targets: [%q]}]}`, address))
}

// watchDirectly watches the server by a Prometheus that uses the daemon as its
// Alertmanager.
func (s *site) watchDirectly(t *testing.T) {
	s.watch(t, fmt.Sprintf(`{path_prefix: /ingest/prometheus, api_version: v2, authorization: {credentials: %s}, static_configs: [{targets: [%q]}]}`,
		ingestToken, s.address))
}

// watch starts a Prometheus that scrapes the server and sends its alerts to
// one Alertmanager, every 5 s while they fire.
func (s *site) watch(t *testing.T, alertmanager string) {
	t.Helper()
	metrics := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		value := 0
		if s.broken.Load() {
			value = 1
		}
		rw.Header().Set("Content-Type", "text/plain; version=0.0.4")
		fmt.Fprintf(rw, "# TYPE server_broken gauge\nserver_broken %d\n", value)
	}))
	t.Cleanup(metrics.Close)
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	write(t, filepath.Join(dir, "rules.yml"), rules)
	write(t, config, fmt.Sprintf(prometheusConfig, strings.TrimPrefix(metrics.URL, "http://"), alertmanager))
	program := installed(t, "prometheus", "prometheus")
	listen(t, "prometheus", "/-/ready", func(address string) *exec.Cmd {
		return exec.Command(program, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"),
			"--web.listen-address="+address, "--rules.alert.resend-delay=5s")
	})
}
