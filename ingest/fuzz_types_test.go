package ingest

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// fuzzed are the fuzz tests of the types of sources.
func fuzzed() map[string][]func(*testing.F) {
	return map[string][]func(*testing.F){
		TypeAlertmanager: {FuzzParseWebhook, FuzzParsePosted}, TypeNagios: {FuzzNagios, FuzzNagiosBody}, TypeJSON: {FuzzMapped},
		TypePagerDuty: {FuzzEvent, FuzzPagerDuty}, TypeOpsgenie: {FuzzGenie, FuzzOpsgenie, FuzzGenieRequests},
		TypeZabbix: {FuzzZabbix}, TypeGrafanaLegacy: {FuzzGrafanaLegacy}, TypeCheckmk: {FuzzCheckmk}, TypeIcinga: {FuzzIcinga},
		TypeUptimeKuma: {FuzzUptimeKuma}, TypeLibreNMS: {FuzzLibreNMS}, TypeWazuh: {FuzzWazuh}, TypeGraylog: {FuzzGraylog},
		TypeHealthchecks: {FuzzHealthchecks}, TypeUptimeRobot: {FuzzUptimeRobot}, TypePingdom: {FuzzPingdom}, TypeDatadog: {FuzzDatadog},
		TypeCloudWatch: {FuzzCloudWatch}, TypeAzure: {FuzzAzure}, TypeGCP: {FuzzGCP}, TypeMail: {FuzzMail},
	}
}

// TestEachTypeIsFuzzed: a type that is new has a fuzz test.
func TestEachTypeIsFuzzed(t *testing.T) {
	if is, want := slices.Sorted(maps.Keys(fuzzed())), slices.Sorted(slices.Values(Tools().Types())); !slices.Equal(is, want) {
		t.Errorf("fuzz tests are there for %v, types %v", is, want)
	}
}

func FuzzZabbix(f *testing.F)        { fuzzType(f, TypeZabbix) }
func FuzzGrafanaLegacy(f *testing.F) { fuzzType(f, TypeGrafanaLegacy) }
func FuzzCheckmk(f *testing.F)       { fuzzType(f, TypeCheckmk) }
func FuzzIcinga(f *testing.F)        { fuzzType(f, TypeIcinga) }
func FuzzUptimeKuma(f *testing.F)    { fuzzType(f, TypeUptimeKuma) }
func FuzzLibreNMS(f *testing.F)      { fuzzType(f, TypeLibreNMS) }
func FuzzWazuh(f *testing.F)         { fuzzType(f, TypeWazuh) }
func FuzzGraylog(f *testing.F)       { fuzzType(f, TypeGraylog) }
func FuzzHealthchecks(f *testing.F)  { fuzzType(f, TypeHealthchecks) }
func FuzzUptimeRobot(f *testing.F)   { fuzzType(f, TypeUptimeRobot) }
func FuzzPingdom(f *testing.F)       { fuzzType(f, TypePingdom) }
func FuzzDatadog(f *testing.F)       { fuzzType(f, TypeDatadog) }
func FuzzCloudWatch(f *testing.F)    { fuzzType(f, TypeCloudWatch) }
func FuzzAzure(f *testing.F)         { fuzzType(f, TypeAzure) }
func FuzzGCP(f *testing.F)           { fuzzType(f, TypeGCP) }
func FuzzNagiosBody(f *testing.F)    { fuzzType(f, TypeNagios) }
func FuzzPagerDuty(f *testing.F)     { fuzzType(f, TypePagerDuty) }
func FuzzOpsgenie(f *testing.F)      { fuzzType(f, TypeOpsgenie) }

// fuzzType: whatever is posted to a source of that type is read or refused, in
// memory that its length allows. What is made of it is whole, and the same each
// time. It begins with the type's own cases and with what all other tools post.
func fuzzType(f *testing.F, kind string) {
	for _, c := range typedCases()[kind] {
		f.Add([]byte(c.read(f)))
	}
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	tool := Tools().tool(kind)
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzOne(t, kind, data)
		parse := tool.reads
		if parse == nil {
			parse = tool.fitting(data).parse
			if tool.fitting(data).query {
				fuzzOne(t, kind, query(string(data)))
			}
		}
		s := Source{Name: "tool", Type: kind, MaxAlerts: DefaultMaxAlerts}
		frugal(t, data, func() (parsed, error) { return parse(t.Context(), data, &s, now, nil) })
	})
}

func fuzzOne(t *testing.T, kind string, data []byte) {
	t.Helper()
	s := Source{Name: "tool", Type: kind}
	alerts, err := Tools().Read(s, data, now)
	for i := range alerts {
		whole(t, kind, &alerts[i])
	}
	if err != nil && (err.Error() == "" || len(err.Error()) > longestRefusal) {
		t.Errorf("refused with %d bytes: %.200q", len(err.Error()), err)
	}
	if Tools().tool(kind).reads != nil {
		return // an alert that has no key gets one by chance
	}
	again, other := Tools().Read(s, data, now)
	if !reflect.DeepEqual(alerts, again) || (err == nil) != (other == nil) {
		t.Errorf("read once as %+v, %v and once as %+v, %v", alerts, err, again, other)
	}
}

// longestRefusal is how long it may say why a body is refused, in bytes.
const longestRefusal = 2 << 10

// FuzzGenieRequests: whatever is asked of Opsgenie's API is answered by one of the
// statuses that its senders know.
func FuzzGenieRequests(f *testing.F) {
	for _, path := range []string{
		"", "/", "/x/acknowledge?identifierType=alias", "/x/close?identifierType=id", "/x/notes?identifierType=tiny", "/x%2Fy/snooze", "/x",
		"/x/tags?tags=a,b", "/x/details?keys=a", "/x/priority", "/requests/x", "/requests/", "/x/y/z", "//", "/%00/close?identifierType=alias", "/x/responders",
	} {
		for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodPatch} {
			f.Add(method, path, `{"user":"a","note":"b","source":"c"}`)
		}
	}
	for _, odd := range oddities {
		f.Add(http.MethodPost, "/x/acknowledge?identifierType=alias", odd)
	}
	f.Fuzz(func(t *testing.T, method, path, body string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://127.0.0.1/v2/alerts"+path, strings.NewReader(body))
		if err != nil || r.URL.Host != "127.0.0.1" {
			return // no server is asked so
		}
		r.RemoteAddr = "192.0.2.1:1234"
		genieAuth(r)
		w := httptest.NewRecorder()
		standIns(&taker{}).ServeHTTP(w, r)
		switch w.Code {
		case http.StatusOK, http.StatusAccepted, http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge,
			http.StatusTemporaryRedirect, http.StatusMovedPermanently:
		default:
			t.Errorf("%s %q: %d %s", method, path, w.Code, w.Body)
		}
	})
}
