package main_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Keys of senders that believe that they post to another pager.
const (
	pagerDutyKey = "pagerduty-hush-hush"
	opsgenieKey  = "opsgenie-hush-hush"
)

// standInConfig is the site's configuration with sources for such senders. What
// they say of no customer is Acme's.
var standInConfig = strings.Replace(siteConfig, "sources:\n", `sources:
  events: {type: pagerduty, token: `+pagerDutyKey+`, customer: acme}
  genie: {type: opsgenie, token: `+opsgenieKey+`, customer: acme}
`, 1)

// TestStandIn runs a real Prometheus and a real Alertmanager that believes to
// post to PagerDuty or Opsgenie.
func TestStandIn(t *testing.T) {
	program := build(t)
	for name, receiver := range map[string]string{
		"PagerDuty": `pagerduty_configs: [{url: "http://DAEMON/v2/enqueue", routing_key: ` + pagerDutyKey + `, severity: '{{ .CommonLabels.severity }}'}]`,
		"PagerDuty, version 1": `pagerduty_configs: [{service_key: ` + pagerDutyKey + `,
      http_config: {proxy_url: "http://PROXY", tls_config: {insecure_skip_verify: true}}}]`, // its address cannot be configured
		"Opsgenie":       `opsgenie_configs: [{api_url: "http://DAEMON/", api_key: ` + opsgenieKey + `, update_alerts: true}]`,
		"its successor":  `opsgenie_configs: [{api_url: "http://DAEMON/jsm/ops/integration/", api_key: ` + opsgenieKey + `}]`,
		"a named source": `opsgenie_configs: [{api_url: "http://DAEMON/ingest/genie/", api_key: ` + opsgenieKey + `}]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSiteWith(t, program, "bolt:astreinte.db", standInConfig)
			text := strings.NewReplacer("DAEMON", s.address, "PROXY", interceptor(t, s.address)).Replace(receiver)
			s.watchBy(t, text)
			s.broken.Store(true)
			page := s.alice.ExpectSMS(t, "CRITIQUE Acme/Givrand srv-db-01 HostDown", "REPONDRE")
			opened := s.onlyTicket(t)
			s.takes(t, page)
			s.pagesNobody(t, opened.Number)
			s.recovers(t, opened.Number)
			s.alice.ExpectSMS(t, "TERMINE")
		})
	}
}

// standInAlertmanager is a configuration of Alertmanager without its receiver.
const standInAlertmanager = `
route: {receiver: astreinte, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 5s}
receivers:
  - name: astreinte
    %s
`

// watchBy watches the server by a Prometheus with an Alertmanager that has this
// receiver.
func (s *site) watchBy(t *testing.T, receiver string) {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "alertmanager.yml")
	write(t, config, fmt.Sprintf(standInAlertmanager, receiver))
	program := installed(t, "prometheus-alertmanager", "prometheus-alertmanager")
	_, address := listen(t, "alertmanager", "/-/ready", func(address string) *exec.Cmd {
		return exec.Command(program, "--config.file="+config, "--storage.path="+filepath.Join(dir, "data"),
			"--web.listen-address="+address, "--cluster.listen-address=")
	})
	s.watch(t, fmt.Sprintf(`{static_configs: [{targets: [%q]}]}`, address))
}

// interceptor is a proxy that leads every address to the daemon, as a name
// server and a certificate for that name would. It returns its own address.
func interceptor(t *testing.T, daemon string) string {
	t.Helper()
	to := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: daemon})
	inner := httptest.NewUnstartedServer(to)
	inner.StartTLS()
	t.Cleanup(inner.Close)
	outer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			http.Error(w, "only CONNECT", http.StatusMethodNotAllowed)
			return
		}
		tunnel(w, inner.Listener.Addr().String())
	}))
	t.Cleanup(outer.Close)
	return strings.TrimPrefix(outer.URL, "http://")
}

// tunnel joins a caller's connection with one to an address, until either
// ends.
func tunnel(w http.ResponseWriter, address string) {
	to, err := net.Dial("tcp", address)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer to.Close()
	from, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer from.Close()
	fmt.Fprint(from, "HTTP/1.1 200 OK\r\n\r\n")
	ended := make(chan struct{}, 2)
	for _, pair := range [][2]net.Conn{{to, from}, {from, to}} {
		go func() {
			_, _ = io.Copy(pair[0], pair[1]) // whoever ends it ends both
			ended <- struct{}{}
		}()
	}
	<-ended
}
