package ingest

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// saidBy reads a body as a source of that type posts it, and says in a line what
// became of it.
func saidBy(t *testing.T, kind, body string) string {
	t.Helper()
	alerts, err := Tools().Read(Source{Type: kind}, []byte(body), now)
	switch {
	case errors.Is(err, ErrTest):
		return "test"
	case err != nil:
		return "refused: " + strings.TrimPrefix(err.Error(), "ingest: read a request: ")
	case len(alerts) == 0:
		return "nothing"
	}
	a := alerts[0]
	status := string(a.Status)
	if a.Status == ticket.Unsaid {
		status = "unsaid"
	}
	out := fmt.Sprintf("%s %q %s key %s", status, a.Title(), a.Labels["severity"], a.Fingerprint)
	for _, at := range []struct {
		word string
		time time.Time
	}{{"from", a.StartsAt}, {"to", a.EndsAt}} {
		if !at.time.IsZero() {
			out += " " + at.word + " " + at.time.UTC().Format("2006-01-02T15:04:05.999999999")
		}
	}
	if r := a.Remark; r != nil {
		out += fmt.Sprintf(" %s by %q %q: %s", r.Kind, r.By, r.What, r.Text)
	}
	return out
}

// typed is what a body of one type of source says. A body that begins with @ is
// a fixture, with what to replace in it after that.
type typed struct{ name, body, want string }

func (c typed) read(t testing.TB) string {
	t.Helper()
	name, ok := strings.CutPrefix(c.body, "@")
	if !ok {
		return c.body
	}
	parts := strings.Split(name, "|")
	body := string(fixture(t, parts[0]))
	for _, edit := range parts[1:] {
		old, with, _ := strings.Cut(edit, "=>")
		if !strings.Contains(body, old) {
			t.Fatalf("%s: %q is not in %s", c.name, old, parts[0])
		}
		body = strings.ReplaceAll(body, old, with)
	}
	return body
}

func typedCases() map[string][]typed {
	return map[string][]typed{
		TypeZabbix: zabbixCases(), TypeGrafanaLegacy: grafanaLegacyCases(), TypeCheckmk: checkmkCases(), TypeIcinga: icingaCases(),
		TypeUptimeKuma: uptimeKumaCases(), TypeLibreNMS: libreNMSCases(), TypeWazuh: wazuhCases(), TypeGraylog: graylogCases(),
		TypeHealthchecks: healthchecksCases(), TypeUptimeRobot: uptimeRobotCases(), TypePingdom: pingdomCases(), TypeDatadog: datadogCases(),
		TypeCloudWatch: cloudWatchCases(), TypeAzure: azureCases(), TypeGCP: gcpCases(),
	}
}

// TestTypes: what and where, how bad, one key for a problem and its end, and
// what ends, opens or only tells.
func TestTypes(t *testing.T) {
	for kind, cases := range typedCases() {
		for _, c := range cases {
			t.Run(kind+"/"+c.name, func(t *testing.T) {
				if got := saidBy(t, kind, c.read(t)); got != c.want {
					t.Errorf("\nis   %s\nwant %s", got, c.want)
				}
			})
		}
	}
}

func zabbixCases() []typed {
	const ours = `{"event_id":"11053","event_value":"%s","event_update_status":"%s","event_update_action":"%s","event_update_message":"on it","event_ack_status":"%s","event_name":"CPU high",` +
		`"event_nseverity":"5","event_severity":"Katastrophe","host_name":"db-01","host_ip":"192.0.2.9","user":"Zoé Admin","event_tags_json":[{"tag":"customer","value":"acme"},{"tag":"scope","value":""}],"event_timestamp":"1795280641","event_recovery_timestamp":"{EVENT.RECOVERY.TIMESTAMP}"}`
	said := func(value, update, action, ack string) string { return fmt.Sprintf(ours, value, update, action, ack) }
	return []typed{
		{"the media type for SIGNL4", "@zabbix-signl4-problem.txt", `firing "srv-app02 Zabbix agent is not available (for 3m)" error key 11053`},
		{"its recovery", "@zabbix-signl4-recovery.txt", `resolved "srv-app02 Zabbix agent is not available (for 3m)" error key 11053`},
		{
			"its acknowledgement", `@zabbix-signl4-problem.txt|"Event_Update_Action":""=>"Event_Update_Action":"acknowledged"|"Event_Update_Status":"0"=>"Event_Update_Status":"1"|"User":""=>"User":"Zoé"|"Problem: Z=>"Updated problem in 5m: Z`,
			`firing "srv-app02 Zabbix agent is not available (for 3m)" error key 11053 taken by "Zoé" "acknowledged": `,
		},
		{"without an id", "@zabbix-zulip-problem-high.json", `firing "Zabbix agent on www.example.com is unreachable for 5 minutes" error key 10528`},
		{"without an id and a link", "@zabbix-zulip-problem-high.json|eventid==>x=|trigger\":=>event_name\":", `firing "Zabbix agent on www.example.com is unreachable for 5 minutes" error key www.example.com//Zabbix%20agent%20on%20www.example.com%20is%20unreachable%20for%205%20minutes`},
		{"a test", "@zabbix-mediatype-pagerduty-parameters.json", "test"},
		{"ours", said("1", "0", "", "No"), `firing "db-01 CPU high" critical key 11053 from 2026-11-21T17:04:01`},
		{"our recovery", said("0", "0", "", "No"), `resolved "db-01 CPU high" critical key 11053 from 2026-11-21T17:04:01`},
		{"acknowledged", said("1", "1", "acknowledged and commented", "Yes"), `firing "db-01 CPU high" critical key 11053 from 2026-11-21T17:04:01 taken by "Zoé Admin" "acknowledged and commented": on it`},
		{"unacknowledged", said("1", "1", "unacknowledged", "No"), `firing "db-01 CPU high" critical key 11053 from 2026-11-21T17:04:01 noted by "Zoé Admin" "unacknowledged": on it`},
		{"commented after it ended", said("0", "1", "commented", "No"), `unsaid "db-01 CPU high" critical key 11053 from 2026-11-21T17:04:01 noted by "Zoé Admin" "commented": on it`},
		{"acknowledged, in no words", said("1", "1", "{EVENT.UPDATE.ACTION}", "Yes"), `firing "db-01 CPU high" critical key 11053 from 2026-11-21T17:04:01 taken by "Zoé Admin" "updated": on it`},
		{"unknown", `{"event_id":"7","host":"*UNKNOWN*","event_name":"x","event_value":"1"}`, `firing "x"  key 7`},
		{"of nothing", `{"a":"b"}`, "refused: the body has no event_id, {EVENT.ID}: it is not what this type of source posts"},
		{"a list", `[]`, "refused: the body: array where object is wanted, at line 1, column 1 (byte 0)"},
		{"cut off", `payload={"Event_ID":"1`, "refused: the body is not JSON: unexpected end of JSON input, at line 1, column 14 (byte 14)"},
	}
}

func grafanaLegacyCases() []typed {
	const file = "@grafana-legacy-alerting.json"
	const title = `"Testing -> Battery Voltage alert" warning key /58`
	return []typed{
		{"alerting", file, "firing " + title},
		{"ok", file + `|"alerting"=>"ok"`, "resolved " + title},
		{"no data", file + `|"alerting"=>"no_data"`, "firing " + title},
		{"paused", file + `|"alerting"=>"paused"`, "unsaid " + title + ` noted by "" "paused": `},
		{"pending", file + `|"alerting"=>"pending"`, "nothing"},
		{"of a host", file + `|"service": "Core"=>"instance": "sw-01"`, `firing "sw-01 Testing -> Battery Voltage alert" warning key /58`},
		{"of two organisations", file + `|"ruleId": 58=>"ruleId": 58, "orgId": 2`, `firing "Testing -> Battery Voltage alert" warning key 2/58`},
		{"a test", file + `|"ruleId": 58=>"ruleId": 0`, "test"},
		{"no rule", `{"state":"alerting"}`, "refused: the body has no ruleId and state: it is not what this type of source posts"},
		{"what came after it", "@grafana-webhook-firing.json", "refused: this is Grafana's present alerting: use a source of type alertmanager for it"},
	}
}

func checkmkCases() []typed {
	const file = "@checkmk-host-recovery.json"
	service := `{"NOTIFY_WHAT":"SERVICE","NOTIFY_HOSTNAME":"srv 1","NOTIFY_SERVICEDESC":"Filesystem /","NOTIFY_NOTIFICATIONTYPE":"%s","NOTIFY_SERVICESTATE":"%s","NOTIFY_HOSTSTATE":"UP","NOTIFY_NOTIFICATIONAUTHOR":"cmkadmin","NOTIFY_NOTIFICATIONCOMMENT":"ordered","NOTIFY_LASTSERVICESTATECHANGE":"1795280641"}`
	of := func(kind, state string) string { return fmt.Sprintf(service, kind, state) }
	const key, from = "key srv%201/Filesystem%20%2F", " from 2026-11-21T17:04:01"
	return []typed{
		{"a host's recovery", file, `resolved "server1 DOWN" info key server1/`},
		{"a host's problem", file + `|"RECOVERY"=>"PROBLEM"|"UP"=>"DOWN"|"OK"=>"CRIT"`, `firing "server1 DOWN" critical key server1/`},
		{"a problem", of("PROBLEM", "CRITICAL"), `firing "srv 1 Filesystem /" critical ` + key + from},
		{"not so bad", of("PROBLEM", "WARNING"), `firing "srv 1 Filesystem /" warning ` + key + from},
		{"a recovery", of("RECOVERY", "OK"), `resolved "srv 1 Filesystem /" info ` + key},
		{"acknowledged", of("ACKNOWLEDGEMENT", "CRITICAL"), `firing "srv 1 Filesystem /" critical ` + key + from + ` taken by "cmkadmin" "ACKNOWLEDGEMENT": ordered`},
		{"a downtime ends while it is down", of("DOWNTIMEEND", "CRITICAL"), `firing "srv 1 Filesystem /" critical ` + key + from + ` noted by "cmkadmin" "DOWNTIMEEND": ordered`},
		{"it flaps and is well", of("FLAPPINGSTART", "OK"), `unsaid "srv 1 Filesystem /" info ` + key + ` noted by "cmkadmin" "FLAPPINGSTART": ordered`},
		{"no host", `{"NOTIFY_WHAT":"HOST"}`, "refused: the body has no host's name: it is not what this type of source posts"},
	}
}

func icingaCases() []typed {
	const host, service = "@icinga2-env-host-problem.json", "@icinga2-env-service-flappingstart.json"
	return []typed{
		{"a host", host, `firing "web01.example.org DOWN" critical key web01.example.org/`},
		{"its recovery", host + `|"DOWN"=>"UP"|"PROBLEM"=>"RECOVERY"`, `resolved "web01.example.org DOWN" info key web01.example.org/`},
		{"a service flaps", service, `unsaid "web01.example.org http vhost é" info key web01.example.org/http%20vhost%20%C3%A9 noted by "" "FLAPPINGSTART": `},
		{"it stops, and is not well", service + `|FLAPPINGSTART=>FLAPPINGEND|"IC_SERVICESTATE": "OK"=>"IC_SERVICESTATE": "WARNING"`, `firing "web01.example.org http vhost é" warning key web01.example.org/http%20vhost%20%C3%A9 noted by "" "FLAPPINGEND": `},
		{"acknowledged", host + `|"PROBLEM"=>"ACKNOWLEDGEMENT"|"NOTIFICATIONAUTHORNAME": ""=>"NOTIFICATIONAUTHORNAME": "icingaadmin"`, `firing "web01.example.org DOWN" critical key web01.example.org/ taken by "icingaadmin" "ACKNOWLEDGEMENT": `},
		{"a downtime is removed", host + `|"PROBLEM"=>"DOWNTIMEREMOVED"`, `firing "web01.example.org DOWN" critical key web01.example.org/ noted by "" "DOWNTIMEREMOVED": `},
	}
}

func uptimeKumaCases() []typed {
	const file = "@uptime-kuma-down.json"
	return []typed{
		{"down", file, `firing "exampleXYZ.com test" critical key 89 from 2023-07-31T18:56:15.374`},
		{"up", file + `|"status": 0=>"status": 1`, `resolved "exampleXYZ.com test" critical key 89 to 2023-07-31T18:56:15.374`},
		{"pending", file + `|"status": 0=>"status": 2`, "nothing"},
		{"maintenance", file + `|"status": 0=>"status": 3`, `unsaid "exampleXYZ.com test" critical key 89 noted by "" "maintenance": timeout of 16000ms exceeded`},
		{"of no kind that is known", file + `|"status": 0=>"status": 9`, "refused: the body has no heartbeat.status from 0 to 3: it is not what this type of source posts"},
		{"a test", "@uptime-kuma-test-button.json", "test"},
		{"by GET", `msg=x&heartbeat=%7B%22monitorID%22%3A89%2C%22status%22%3A0%7D&monitor=%7B%22id%22%3A89%2C%22name%22%3A%22site%22%2C%22hostname%22%3A%22a.example%22%7D`, `firing "a.example site" critical key 89`},
		{
			"a certificate", `{"heartbeat":null,"monitor":null,"msg":"[site][https://a.example] server certificate a.example will expire in 7 days"}`,
			`firing "[site][https://a.example] server certificate a.example will expire in 7 days" warning key message/%5Bsite%5D%5Bhttps:%2F%2Fa.example%5D%20server%20certificate%20a.example`,
		},
		{"nothing at all", `{}`, "refused: the body has no heartbeat, monitor or msg: it is not what this type of source posts"},
	}
}

func libreNMSCases() []typed {
	const file = "@librenms-recovered.json"
	const what = `"10.10.1.147 Devices up/down" `
	return []typed{
		{"over", file, `resolved ` + what + `info key 2/13`},
		{"fires", file + `|"state": "0"=>"state": "1"|"severity": "ok"=>"severity": "critical"`, `firing ` + what + `critical key 2/13`},
		{"acknowledged", file + `|"state": "0"=>"state": "2"|"severity": "ok"=>"severity": "critical"|"alert_notes": ""=>"alert_notes": "mine"`, `firing ` + what + `critical key 2/13 taken by "" "acknowledged": mine`},
		{"worse", file + `|"state": "0"=>"state": "3"|"severity": "ok"=>"severity": "critical"`, `firing ` + what + `critical key 2/13 noted by "" "worse": `},
		{"a test", file + `|"uid": "41"=>"uid": "000"`, "test"},
		{"by its options", `title=x&alert_id=26&state=1&severity=warning&hostname=sw-01&name=Port+down`, `firing "sw-01 Port down" warning key alert/26`},
		{"no key", `{"state":"1"}`, "refused: the body has no device_id and rule_id, alert_id, or hostname and name: it is not what this type of source posts"},
	}
}

func wazuhCases() []typed {
	raw := `{"timestamp":"2026-11-21T17:04:01.123+0000","rule":{"level":%d,"description":"sshd: brute force","id":"5712","groups":["sshd"]},"agent":{"id":"003","name":"web-01","ip":"192.0.2.3"},"id":"1","full_log":"x","location":"/var/log/auth.log"}`
	return []typed{
		{"by the script for Keep", "@wazuh-alert.json", `firing "test New dpkg (Debian package) installed." warning key 2902/001 from 2025-02-03T20:41:42.853014`},
		{"as it is", fmt.Sprintf(raw, 10), `firing "web-01 sshd: brute force" warning key 5712/003 from 2026-11-21T17:04:01.123`},
		{"worse", fmt.Sprintf(raw, 15), `firing "web-01 sshd: brute force" critical key 5712/003 from 2026-11-21T17:04:01.123`},
		{"no rule", `{"agent":{}}`, "refused: the body has no rule.id and rule.description: it is not what this type of source posts"},
	}
}

func graylogCases() []typed {
	event := `{"event_definition_id":"def1","event_definition_type":"aggregation-v1","event_definition_title":"Logins fail","event":{"id":"01","timestamp":"2026-11-21T17:04:01.117Z","message":"Logins fail: 9","source":"graylog-1","key":"%s","priority":3,"fields":{"host":"vpn-01"}},"backlog":[]}`
	return []typed{
		{"an event", fmt.Sprintf(event, "bob"), `firing "vpn-01 Logins fail" error key def1/bob from 2026-11-21T17:04:01.117`},
		{"of another key", fmt.Sprintf(event, ""), `firing "vpn-01 Logins fail" error key def1/ from 2026-11-21T17:04:01.117`},
		{"a test", `{"event_definition_type":"test-dummy-v1","event_definition_id":"x","event_definition_title":"y"}`, "test"},
		{"of a stream", `{"check_result":{"result_description":"5 messages","triggered_at":"2026-11-21T17:04:01Z","triggered_condition":{"id":"c","title":"many"}},"stream":{"id":"s","title":"Web"}}`, `firing "Web many" warning key stream/s/c from 2026-11-21T17:04:01`},
		{"no definition", `{"event":{}}`, "refused: the body has no event_definition_id and event_definition_title: it is not what this type of source posts"},
	}
}

func healthchecksCases() []typed {
	return []typed{
		{"down", `{"code":"c0de","name":"Backup","status":"down","tags":"customer=acme prod"}`, `firing "Backup" error key c0de`},
		{"up", `{"code":"c0de","name":"Backup","status":"up","tags":""}`, `resolved "Backup" error key c0de`},
		{"as the API shows it", `{"name":"Backup","slug":"backup","tags":"severity=critical","status":"down","ping_url":"https://hc-ping.com/c0de"}`, `firing "Backup" critical key c0de`},
		{"by GET", `code=c0de&name=Backup&status=up`, `resolved "Backup" error key c0de`},
		{"late", `{"code":"c0de","status":"grace"}`, "nothing"},
		{"paused", `{"code":"c0de","status":"paused"}`, `unsaid "check c0de" error key c0de noted by "" "paused": `},
		{"no code", `{"status":"down"}`, "refused: the body has no code and status: it is not what this type of source posts"},
	}
}

func uptimeRobotCases() []typed {
	const file = "@uptimerobot-down.json"
	return []typed{
		{"down", file, `firing "server1.example.com Web Server" critical key server1.example.com`},
		{"up", file + `|"alert_type": "1"=>"alert_type": "2"`, `resolved "server1.example.com Web Server" critical key server1.example.com`},
		{"in a query", `monitorID=77&monitorURL=https%3A%2F%2Fa.example%2F&monitorFriendlyName=Shop&alertType=1&alertTypeFriendlyName=Down&alertDetails=timeout&alertDateTime=1795280641`, `firing "a.example Shop" critical key 77 from 2026-11-21T17:04:01`},
		{"a certificate expires", `{"monitorID":"77","monitorFriendlyName":"Shop","alertType":"3","sslExpiryDaysLeft":"7","alertDetails":"*alertDetails*"}`, `firing "Shop" warning key 77/expiry`},
		{"nothing was filled in", `{"monitorID":"*monitorID*","alertType":"*alertType*"}`, "test"},
		{"no type", `{"monitorID":"77"}`, "refused: the body has no monitorID and alertType: it is not what this type of source posts"},
	}
}

func pingdomCases() []typed {
	const file = "@pingdom-down.json"
	const what = `"api.alerta.io Alerta API on OpenShift" `
	return []typed{
		{"down", file, `firing ` + what + `critical key 803318 from 2017-06-30T22:25:43`},
		{"up", file + `|"current_state": "DOWN"=>"current_state": "UP"`, `resolved ` + what + `critical key 803318 to 2017-06-30T22:25:43`},
		{"of little importance", file + `|HIGH=>LOW`, `firing ` + what + `warning key 803318 from 2017-06-30T22:25:43`},
		{"a transaction", file + `|"current_state": "DOWN"=>"current_state": "SUCCESS"`, `resolved ` + what + `critical key 803318 to 2017-06-30T22:25:43`},
		{"a state that is new", file + `|"current_state": "DOWN"=>"current_state": "UNCONFIRMED_DOWN"`, `firing ` + what + `critical key 803318 from 2017-06-30T22:25:43`},
		{"no check", `{"current_state":"DOWN"}`, "refused: the body has no check_id and current_state: it is not what this type of source posts"},
	}
}

func datadogCases() []typed {
	const file = "@datadog-default-payload-triggered.json"
	const byTitle = `"db-incident-demo Postgres is near the max CPU usage limit" error key host:db-incident-demo/Postgres%20is%20near%20the%20max%20CPU%20usage%20limit`
	ours := `{"alert_id":"12","alert_cycle_key":"%s","alert_transition":"%s","title":"[Triggered on {host:db}] Disk","alert_title":"[Triggered on {host:db}] Disk","alert_scope":"host:db","hostname":"db","alert_priority":"%s","tags":"customer:acme,env:prod","date":"1795280641000"}`
	of := func(cycle, transition, priority string) string { return fmt.Sprintf(ours, cycle, transition, priority) }
	return []typed{
		{"by default", file, `firing ` + byTitle + ` from 2025-04-30T11:45:50`},
		{"its recovery", file + `|[Triggered on=>[Recovered on`, strings.Replace(`resolved `+byTitle, " error ", "  ", 1) + ` to 2025-04-30T11:45:50`},
		{"again", file + `|[Triggered on=>[Re-Triggered on`, `firing ` + byTitle},
		{"a test", file + `|[Triggered on=>[TEST] [Triggered on`, "test"},
		{"no transition", file + `|[Triggered on {host:db-incident-demo}]=>`, "refused: the body has no alert_transition, and no transition at the beginning of its title: it is not what this type of source posts"},
		{"ours", of("c1", "Triggered", "P1"), `firing "db Disk" critical key c1 from 2026-11-21T17:04:01`},
		{"our recovery", of("c1", "Recovered", "P1"), `resolved "db Disk"  key c1 to 2026-11-21T17:04:01`},
		{"no cycle", of("$ALERT_CYCLE_KEY", "Warn", "$ALERT_PRIORITY"), `firing "db Disk" warning key 12/host:db from 2026-11-21T17:04:01`},
		{"no data", of("c1", "No Data", ""), `firing "db Disk" warning key c1 from 2026-11-21T17:04:01`},
	}
}

func azureCases() []typed {
	const common, metric = "@azure-common-schema-resolved.json", "@azure-metric-v2-activated.json"
	const id = `key %2Fsubscriptions%2F%3Csubscription%20ID%3E%2Fproviders%2FMicrosoft.AlertsManagement%2Falerts%2Fb9569717-bc32-442f-add5-83a997729330`
	return []typed{
		{"over", common, `resolved "WCUS-R2-Gen2" info ` + hashed(id) + ` from 2019-03-22T13:58:24.3713213 to 2019-03-22T14:03:16.2246313`},
		{"fires", common + `|"Resolved"=>"Fired"|"Sev3"=>"Sev0"`, `firing "WCUS-R2-Gen2" critical ` + hashed(id) + ` from 2019-03-22T13:58:24.3713213`},
		{"a test", common + `|/subscriptions/<subscription ID>/=>/subscriptions/11111111-1111-1111-1111-111111111111/`, "test"},
		{"a metric alert", metric, `firing "diag500 StorageCheck"  ` + hashed(azureMetricKey) + ` from 2018-02-28T10:44:10.1714014`},
		{"its end", metric + `|Activated=>Deactivated`, `resolved "diag500 StorageCheck"  ` + hashed(azureMetricKey) + ` to 2018-02-28T10:44:10.1714014`},
		{"a log alert", "@azure-log-v2-fired.json", `firing "web-02 Heartbeat missing" error ` + azureAlert("1") + ` from 2026-11-21T02:04:49.99645`},
		{"its end", `@azure-log-v2-fired.json|"Fired"=>"Resolved"|"firedDateTime"=>"resolvedDateTime": "2026-11-21T02:30:00Z", "firedDateTime"`, `resolved "web-02 Heartbeat missing" error ` + azureAlert("1") + ` from 2026-11-21T02:04:49.99645 to 2026-11-21T02:30:00`},
		{"an old log alert", "@azure-log-analytics-legacy.json", `firing "db-07 CPU by machine" warning key 6a2e0c1d-0000-4000-8000-00000000c0de/CPU%20by%20machine/Computer/db-07 from 2026-11-21T02:10:40`},
		{"of Application Insights", "@azure-log-insights-legacy.json", `firing "HTTP 500" critical key 6a2e0c1d-0000-4000-8000-00000000c0de/HTTP%20500/IP/192.0.2.7 from 2026-11-21T02:10:40`},
		{"a resource is unavailable", "@azure-resource-health-common.json", `firing "web-02 VM health" error ` + azureVM + ` from 2026-11-21T02:09:05.343`},
		{"it is available again", `@azure-resource-health-common.json|Activated=>Resolved|"Active"=>"Resolved"|"currentHealthStatus": "Unavailable"=>"currentHealthStatus": "Available"|000000000002=>000000000022`, `resolved "web-02 VM health" warning ` + azureVM + ` to 2026-11-21T02:09:03.343`},
		{"not by the common schema", "@azure-activity-resource-health.json", `firing "web-02 Virtual Machine health status changed to unavailable" error ` + azureVM + ` from 2026-11-21T02:09:03.343`},
		{"a service of Azure", "@azure-service-health-common.json", `firing "Virtual Machines - France Central" error key health/0NIH-U2O from 2026-11-21T02:49:28.786`},
		{"it is well again", `@azure-service-health-common.json|"Active"=>"Resolved"|000000000003=>000000000033`, `resolved "Virtual Machines - France Central" error key health/0NIH-U2O to 2026-11-21T02:49:25.373`},
		{"work on it is announced", `@azure-service-health-common.json|"Incident"=>"Maintenance"|"stage": "Active"=>"stage": "Planned"`, `firing "Virtual Machines - France Central" info key health/0NIH-U2O from 2026-11-21T02:49:28.786`},
		{"somebody did something", "@azure-activity-administrative-common.json", `firing "web-02 A machine is deleted" info ` + azureAlert("4") + ` from 2026-11-21T03:00:00`},
		{"neither", `{"data":{}}`, "refused: the body has no data.essentials, or context.id and status: turn on the common alert schema in the action group: it is not what this type of source posts"},
	}
}

const azureMetricKey = `key %2Fsubscriptions%2F00000000-0000-0000-0000-000000000000%2FresourceGroups%2FContoso%2Fproviders%2Fmicrosoft.insights%2FmetricAlerts%2FStorageCheck/` +
	`%2Fsubscriptions%2F1e3ff1c0-771a-4119-a03b-be82a51e232d%2FresourceGroups%2FContoso%2Fproviders%2FMicrosoft.Storage%2FstorageAccounts%2Fdiag500`

const azureSubscription = "/subscriptions/6a2e0c1d-0000-4000-8000-00000000c0de"

// azureAlert is the key of one of the alerts of our own making.
func azureAlert(n string) string {
	return hashed("key " + url.PathEscape(azureSubscription+"/providers/Microsoft.AlertsManagement/alerts/0b1c000"+n+"-aaaa-4bbb-8ccc-00000000000"+n))
}

var azureVM = hashed("key health/" + url.PathEscape(strings.ToLower(azureSubscription+"/resourceGroups/rg-prod/providers/Microsoft.Compute/virtualMachines/web-02")))

// hashed is what becomes of a key that is too long.
func hashed(k string) string {
	return "key " + fingerprint(strings.TrimPrefix(k, "key "), nil)
}

func gcpCases() []typed {
	const closed, open = "@gcp-1.2-closed.json", "@gcp-stackdriver-1.1-open.json"
	return []typed{
		{"closed", closed, `resolved "acrepro-backend Kubernetes container restarted"  key 0.m8u0mnh9byf4 from 2021-10-24T18:47:10 to 2021-10-24T18:48:10`},
		{"open", open, `firing "webserver-85 CPU usage"  key f2e08c333dc64cb09f75eaab355393bz from 2017-07-06T19:10:14`},
		{"in capitals, null as text", open + `|"open"=>"OPEN"|null=>"null"|"policy_name"=>"severity": "Critical", "policy_name"`, `firing "webserver-85 CPU usage" critical key f2e08c333dc64cb09f75eaab355393bz from 2017-07-06T19:10:14`},
		{"no severity", open + `|"policy_name"=>"severity": "No severity", "policy_name"`, `firing "webserver-85 CPU usage"  key f2e08c333dc64cb09f75eaab355393bz from 2017-07-06T19:10:14`},
		{"a test", `{"version":"test","incident":{"incident_id":"12345","state":"OPEN","summary":"Test Incident"}}`, "test"},
		{"no incident", `{"version":"1.2"}`, "refused: the body has no incident.incident_id and incident.state: it is not what this type of source posts"},
	}
}

// TestDocumentation: what the author of a policy wrote comes as an object or
// as text.
func TestDocumentation(t *testing.T) {
	for body, want := range map[string]string{
		`{"incident":{"incident_id":"1","state":"open","documentation":"text"}}`:             "text",
		`{"incident":{"incident_id":"1","state":"open","documentation":{"content":"text"}}}`: "text",
		`{"incident":{"incident_id":"1","state":"open","documentation":null}}`:               "",
	} {
		alerts, err := Tools().Read(Source{Type: TypeGCP}, []byte(body), now)
		if err != nil || alerts[0].Annotations["description"] != want {
			t.Errorf("%s: %+v, %v", body, alerts, err)
		}
	}
}

// TestTags: the labels that people give things in their tool.
func TestTags(t *testing.T) {
	for _, tt := range []struct{ kind, body, label, want string }{
		{TypeZabbix, `{"event_id":"1","event_name":"x","event_tags_json":[{"tag":"customer","value":"acme"}]}`, "customer", "acme"},
		{TypeZabbix, `{"event_id":"1","event_name":"x","event_tags_json":"[{\"tag\":\"customer\",\"value\":\"acme\"}]"}`, "customer", "acme"},
		{TypeZabbix, `{"event_id":"1","event_name":"x","event_tags":"scope:cpu, customer:acme"}`, "customer", "acme"},
		{TypeZabbix, `{"event_id":"1","event_name":"x","event_tags_json":[{"tag":"alertname","value":"no"}]}`, "alertname", "x"},
		{TypeGrafanaLegacy, string(fixture(t, "grafana-legacy-alerting.json")), "group", "BatteryPower"},
		{TypeUptimeKuma, `{"monitor":{"id":1,"name":"x","tags":[{"name":"customer","value":"acme"}]},"heartbeat":{"status":0}}`, "customer", "acme"},
		{TypeHealthchecks, `{"code":"1","status":"down","tags":"customer=acme x site:Nantes"}`, "site", "Nantes"},
		{TypeDatadog, `{"alert_id":"1","alert_transition":"Triggered","title":"x","tags":"customer:acme,env:prod"}`, "customer", "acme"},
		{TypeCheckmk, string(fixture(t, "checkmk-host-recovery.json")), "omd_site", "cmk"},
		{TypeCheckmk, string(fixture(t, "checkmk-host-recovery.json")), "site", ""},
		{TypeAzure, string(fixture(t, "azure-metric-v2-activated.json")), "key1", "value1"},
		{TypeAzure, string(fixture(t, "azure-log-v2-fired.json")), "customer", "acme"},
		{TypeAzure, string(fixture(t, "azure-log-v2-fired.json")), "environment", "prod"},
		{TypeAzure, string(fixture(t, "azure-service-health-common.json")), "tracking_id", "0NIH-U2O"},
		{TypeZabbix, `{"event_id":"1","event_name":"x","event_tags_json":[{"tag":"__zbx_jira","value":"OPS-1"}]}`, "__zbx_jira", ""},
	} {
		alerts, err := Tools().Read(Source{Type: tt.kind}, []byte(tt.body), now)
		if err != nil || alerts[0].Labels[tt.label] != tt.want {
			t.Errorf("%s: %s is not %q in %+v, %v", tt.kind, tt.label, tt.want, alerts, err)
		}
	}
}

// whole holds an alert to what the engine takes for granted.
func whole(t *testing.T, kind string, a *ticket.Alert) {
	t.Helper()
	switch {
	case a.Fingerprint == "" || len(a.Fingerprint) > longestFingerprint:
		t.Errorf("%s: the key %q", kind, a.Fingerprint)
	case a.Status != ticket.Firing && a.Status != ticket.Resolved && a.Status != ticket.Unsaid:
		t.Errorf("%s: the status %q", kind, a.Status)
	case a.Status == ticket.Unsaid && a.Remark == nil:
		t.Errorf("%s says nothing: %+v", kind, a)
	case a.Title() == "" && a.Status == ticket.Firing:
		t.Errorf("%s: no title: %+v", kind, a)
	case a.Status == ticket.Firing && !a.EndsAt.IsZero():
		t.Errorf("%s fires and has an end: %+v", kind, a)
	}
	again := *a
	if again.Bound(0) && again.Annotations[ticket.CutNote] == "" {
		t.Errorf("%s: not bounded: %+v", kind, a)
	}
}

// TestAnEcho: what a daemon wrote into a tool comes back, and is known by its mark. What
// comes of it is not the door's to say.
func TestAnEcho(t *testing.T) {
	for _, action := range []string{"acknowledged and commented", "unacknowledged and commented"} {
		body := `{"event_id": "11", "event_value": "1", "event_update_status": "1", "event_update_action": "` + action +
			`", "event_update_message": "I261127_0001 (Astreinte): Alice has it", "user": "api", "host": "srv", "event_name": "Disk"}`
		remark := func(a *ticket.Alert) (ours bool) {
			_, ours = ticket.Mark("").Echo(a.Remark)
			return ours
		}
		alerts, err := Tools().Read(Source{Type: TypeZabbix}, []byte(body), now)
		if err != nil || len(alerts) != 1 || alerts[0].Status != ticket.Firing || !remark(&alerts[0]) {
			t.Errorf("%s: %+v %v", action, alerts, err)
		}
	}
}
