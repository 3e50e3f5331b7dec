package main_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/astreinte/astreinte/docs/sources"
)

// zabbixToken is the token of a source that our own media type posts to.
const zabbixToken = "zabbix-hush-hush"

// zabbixConfig is the site's configuration with such a source. What says of no
// customer is Acme's.
var zabbixConfig = strings.Replace(standInConfig, "sources:\n", `sources:
  zabbix: {type: zabbix, token: `+zabbixToken+`, customer: acme}
`, 1)

// zabbixData is what Debian's package zabbix-server-pgsql puts into a new
// database, the media types among it.
const zabbixData = "/usr/share/zabbix-server-pgsql/data.sql.gz"

// mediaType is a media type of Zabbix as it is shipped.
type mediaType struct {
	script     string
	parameters map[string]string
}

// shipped reads a media type out of Debian's package.
func shipped(t *testing.T, name string) mediaType {
	t.Helper()
	file, err := os.Open(zabbixData)
	if err != nil {
		t.Fatalf("%v: apt-get install zabbix-server-pgsql", err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?s)INSERT INTO media_type \([^)]*\) values \('(\d+)','4','` + name + `',.*?,E'((?:[^'\\]|''|\\.)*)'`).FindSubmatch(data)
	if found == nil {
		t.Fatalf("%s has no media type %s", zabbixData, name)
	}
	m := mediaType{script: sqlText(found[2]), parameters: map[string]string{}}
	for _, row := range regexp.MustCompile(`INSERT INTO media_type_param \([^)]*\) values \('\d+','`+string(found[1])+`','([^']*)','((?:[^']|'')*)'\)`).FindAllSubmatch(data, -1) {
		m.parameters[string(row[1])] = sqlText(row[2])
	}
	return m
}

// ours is the media type that we give people to import.
func ours(t *testing.T) mediaType {
	t.Helper()
	var file struct {
		Export struct {
			MediaTypes []struct {
				Script     string
				Parameters []struct{ Name, Value string }
			} `yaml:"media_types"`
		} `yaml:"zabbix_export"`
	}
	if err := yaml.Unmarshal(sources.ZabbixMediaType, &file); err != nil || len(file.Export.MediaTypes) != 1 {
		t.Fatalf("%v: %+v", err, file)
	}
	one := file.Export.MediaTypes[0]
	m := mediaType{script: one.Script, parameters: map[string]string{}}
	for _, p := range one.Parameters {
		m.parameters[p.Name] = p.Value
	}
	return m
}

// sqlText is a string of PostgreSQL without its escapes.
func sqlText(raw []byte) string {
	return strings.NewReplacer("''", "'", `\n`, "\n", `\r`, "\r", `\t`, "\t", `\\`, `\`).Replace(string(raw))
}

// zabbixEvent is what Zabbix' macros stand for, of a problem.
var zabbixEvent = map[string]string{
	"{ALERT.SUBJECT}": "Problem: HostDown", "{EVENT.NAME}": "HostDown", "{EVENT.SEVERITY}": "Disaster",
	"{ALERT.MESSAGE}": "Problem started at 03:12:00 on 2026.11.21\r\nProblem name: HostDown\r\nHost: srv-db-01\r\nSeverity: Disaster\r\n",
	"{EVENT.ID}":      "11053", "{EVENT.NSEVERITY}": "5", "{EVENT.SOURCE}": "0", "{EVENT.VALUE}": "1", "{EVENT.UPDATE.STATUS}": "0",
	"{EVENT.ACK.STATUS}": "No", "{EVENT.UPDATE.ACTION}": "", "{EVENT.DATE}": "2026.11.21", "{EVENT.TIME}": "03:12:00",
	"{EVENT.OPDATA}": "", "{EVENT.TAGS}": "class:os", "{EVENT.TAGSJSON}": `[{"tag":"class","value":"os"},{"tag":"site","value":"Givrand"}]`,
	"{HOST.NAME}": "srv-db-01", "{HOST.IP}": "192.0.2.31", "{TRIGGER.ID}": "23210", "{TRIGGER.DESCRIPTION}": "No answer to ICMP.",
	"{USER.FULLNAME}": "Ann Ops", "{$ZABBIX.URL}": "https://zabbix.example.org",
}

// run runs the media type's script by an engine, and returns what it says.
func (m mediaType) run(t *testing.T, engine func(script, parameters string) *exec.Cmd, own, changed map[string]string) (string, error) {
	t.Helper()
	event := maps.Clone(zabbixEvent)
	maps.Copy(event, changed)
	parameters := maps.Clone(m.parameters)
	for name, value := range parameters {
		if known, ok := event[value]; ok {
			parameters[name] = known
		}
	}
	maps.Copy(parameters, own)
	text, err := json.Marshal(parameters)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	script, given := filepath.Join(dir, "script.js"), filepath.Join(dir, "parameters.json")
	write(t, script, m.script)
	write(t, given, string(text))
	said, err := engine(script, given).CombinedOutput()
	return string(said), err
}

// TestZabbix runs Zabbix' media types for PagerDuty and Opsgenie as they are
// shipped, and our own, by Zabbix' engine and under Node, against the real
// program.
func TestZabbix(t *testing.T) {
	program := build(t)
	node, engine := installed(t, "node", "nodejs"), installed(t, "zabbix_js", "zabbix-server-pgsql")
	harness, err := filepath.Abs("testdata/zabbix/run.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, media := range []string{"PagerDuty", "Opsgenie", "Astreinte"} {
		for _, by := range []string{"Node", "Zabbix"} {
			t.Run(media+" by "+by, func(t *testing.T) {
				t.Parallel()
				s := newSiteWith(t, program, "bolt:astreinte.db", zabbixConfig)
				own := map[string]string{
					"token": pagerDutyKey, "HTTPProxy": "http://" + interceptor(t, s.address), // PagerDuty's address stands in the script
					"opsgenie_api": "http://" + s.address + "/v2/alerts", "opsgenie_token": opsgenieKey, "opsgenie_web": "http://" + s.address, "opsgenie_teams": "infra",
				}
				if media == "Opsgenie" {
					delete(own, "HTTPProxy")
				}
				var m mediaType
				if media == "Astreinte" {
					m, own = ours(t), map[string]string{"address": "http://" + s.address + "/ingest/zabbix", "token": zabbixToken}
				} else {
					m = shipped(t, media)
				}
				run := func(script, parameters string) *exec.Cmd {
					return exec.CommandContext(t.Context(), engine, "-s", script, "-i", parameters, "-t", "30")
				}
				if by == "Node" {
					run = func(script, parameters string) *exec.Cmd {
						cmd := exec.CommandContext(t.Context(), node, harness, script, parameters)
						cmd.Env = append(os.Environ(), fmt.Sprintf(`HOSTS={"https://events.pagerduty.com":"http://%s"}`, s.address))
						return cmd
					}
				}
				s.zabbixTells(t, m, run, own)
				switch media {
				case "Opsgenie":
					s.showsTheAlert(t)
				case "Astreinte":
					m.linksTheTicket(t, run, own, s.address)
				}
			})
		}
	}
}

// zabbixTells is the life of a problem in Zabbix: it pages, is acknowledged
// there, and recovers.
func (s *site) zabbixTells(t *testing.T, m mediaType, engine func(script, parameters string) *exec.Cmd, own map[string]string) {
	t.Helper()
	tell := func(what string, changed map[string]string) {
		t.Helper()
		if said, err := m.run(t, engine, own, changed); err != nil {
			t.Fatalf("%s: %v: %s", what, err, said)
		}
	}
	tell("a problem", nil)
	s.alice.ExpectSMS(t, "CRITIQUE Acme", "srv-db-01 HostDown")
	opened := s.onlyTicket(t)

	tell("an acknowledgement", map[string]string{"{EVENT.UPDATE.STATUS}": "1", "{EVENT.ACK.STATUS}": "Yes", "{EVENT.UPDATE.ACTION}": "acknowledged"})
	if now := s.ticket(t, opened.Number); now.State != "acknowledged" || now.AcknowledgedBy == "" {
		t.Errorf("it is %s by %q", now.State, now.AcknowledgedBy)
	}
	s.pagesNobody(t, opened.Number)
	tell("the problem again", nil)

	tell("the recovery", map[string]string{"{EVENT.VALUE}": "0"})
	if now := s.ticket(t, opened.Number); now.State != "resolved" {
		t.Errorf("it is %s", now.State)
	}
	own = maps.Clone(own)
	own["token"], own["opsgenie_token"] = "wrong", "wrong"
	if said, err := m.run(t, engine, own, nil); err == nil && !strings.Contains(said, "failed") {
		t.Errorf("with a wrong key it says %q", said)
	}
}

// linksTheTicket: our media type gives a problem a tag with its ticket, and says
// what is wrong with its configuration.
func (m mediaType) linksTheTicket(t *testing.T, engine func(script, parameters string) *exec.Cmd, own map[string]string, address string) {
	t.Helper()
	said, err := m.run(t, engine, own, map[string]string{"{EVENT.ID}": "11054"})
	if !regexp.MustCompile(`"__astreinte":"I\d{6}_\d{4}"`).MatchString(said) || !strings.Contains(said, `"__astreinte_url":"http://`+address+`/tickets/I`) {
		t.Errorf("a problem gets the tags %s (%v)", said, err)
	}
	if said, err = m.run(t, engine, own, map[string]string{"{EVENT.ID}": "11054", "{EVENT.VALUE}": "0"}); strings.Contains(said, "__astreinte") {
		t.Errorf("a recovery gets the tags %s (%v)", said, err)
	}
	for _, wrong := range []struct{ parameter, value, want string }{
		{"token", "{$ASTREINTE.TOKEN}", "{$ASTREINTE.TOKEN}"},
		{"address", "ops@example.org", "ops@example.org"},
		{"token", "wrong", "401"},
	} {
		bad := maps.Clone(own)
		bad[wrong.parameter] = wrong.value
		if said, err := m.run(t, engine, bad, nil); err == nil || !strings.Contains(said, wrong.want) {
			t.Errorf("with the %s %q it says %q (%v)", wrong.parameter, wrong.value, said, err)
		}
	}
}

// showsTheAlert: whoever has the source's key is told how Zabbix' problem
// stands, and nobody else.
func (s *site) showsTheAlert(t *testing.T) {
	t.Helper()
	code, alert := s.genieAlert(t, opsgenieKey)
	if code != http.StatusOK || alert.Alias != "11053" || alert.Message != "srv-db-01 HostDown" || alert.Status != "closed" || !alert.Acknowledged {
		t.Errorf("%d %+v", code, alert)
	}
	if code, alert := s.genieAlert(t, pagerDutyKey); code != http.StatusUnauthorized || alert != (genieAlert{}) {
		t.Errorf("with another key: %d %+v", code, alert)
	}
}

// genieAlert is an alert as Opsgenie shows it.
type genieAlert struct {
	Alias, Message, Status string
	Acknowledged           bool
}

func (s *site) genieAlert(t *testing.T, key string) (int, genieAlert) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.address+"/v2/alerts/11053?identifierType=alias", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "GenieKey "+key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct{ Data genieAlert }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatalf("%s: %v", resp.Status, err)
	}
	return resp.StatusCode, answer.Data
}
