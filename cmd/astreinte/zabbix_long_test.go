//go:build long

package main_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/docs/sources"
	"github.com/astreinte/astreinte/internal/zabbixtest"
)

// retryPatience is how long a test waits for what Zabbix tries again every 30 s.
const retryPatience = 3 * time.Minute

// TestAZabbixServer: our media type, imported into a real Zabbix server, pages for
// a problem; whoever acknowledges it there takes the ticket; its recovery ends it;
// and a daemon that is down for a minute loses nothing.
func TestAZabbixServer(t *testing.T) {
	began := time.Now()
	z := zabbixtest.Start(t)
	t.Logf("Zabbix %s started within %s", z.Version, time.Since(began).Round(time.Second))
	s := newSiteWith(t, build(t), "bolt:astreinte.db", strings.ReplaceAll(zabbixConfig, ", customer: acme}", "}"))
	w := &zabbixSite{site: s, zabbix: z, disk: z.Watch(t, "srv-db-01", "disk.var", "Disk /var is full", 5, "customer:acme", "site:Givrand")}
	w.imports(t)

	number := w.fires(t)
	w.linked(t, number)
	w.taken(t, number)
	w.ends(t, number)
	w.fallsWhileDown(t)
	w.comesAndGoesWhileDown(t)
}

// zabbixSite is a site that a Zabbix watches.
type zabbixSite struct {
	*site
	zabbix *zabbixtest.Server
	disk   zabbixtest.Watched
	media  string // our media type's id
}

// imports does what docs/sources/zabbix.md says: the media type, its token, a
// user's media, and an action with its three kinds of operations.
func (w *zabbixSite) imports(t *testing.T) {
	t.Helper()
	z := w.zabbix
	var done bool
	z.Call(t, "configuration.import", map[string]any{
		"format": "yaml", "source": string(sources.ZabbixMediaType),
		"rules": map[string]any{"mediaTypes": map[string]bool{"createMissing": true, "updateExisting": true}},
	}, &done)
	if !done {
		t.Fatal("nothing was imported")
	}
	var types []struct{ MediaTypeID string }
	z.Call(t, "mediatype.get", map[string]any{"filter": map[string]string{"name": "Astreinte"}, "output": []string{"mediatypeid"}}, &types)
	if len(types) != 1 {
		t.Fatalf("%d media types are called Astreinte", len(types))
	}
	w.media = types[0].MediaTypeID
	z.Call(t, "usermacro.createglobal", map[string]any{"macro": "{$ASTREINTE.TOKEN}", "value": zabbixToken, "type": 1}, nil)
	z.Call(t, "usermacro.createglobal", map[string]any{"macro": "{$ZABBIX.URL}", "value": "https://zabbix.example.org/"}, nil)
	z.Call(t, "user.update", map[string]any{"userid": "1", "medias": []any{map[string]any{
		"mediatypeid": w.media, "sendto": "http://" + w.address + "/ingest/zabbix", "active": 0, "severity": 63, "period": "1-7,00:00-24:00",
	}}}, nil)
	send := func(step map[string]any) []any {
		step["operationtype"], step["opmessage_usr"] = 0, []any{map[string]string{"userid": "1"}}
		step["opmessage"] = map[string]any{"default_msg": 1, "mediatypeid": w.media}
		return []any{step}
	}
	z.Create(t, "action.create", map[string]any{
		"name": "Astreinte", "eventsource": 0, "status": 0, "esc_period": "1h", "filter": map[string]any{"evaltype": 0, "conditions": []any{}},
		"operations":          send(map[string]any{"esc_step_from": 1, "esc_step_to": 1}),
		"recovery_operations": send(map[string]any{}),
		"update_operations":   send(map[string]any{}),
	}, "actionids")
	z.Settle(t, &w.disk)
}

// fires has the disk be full. It returns the ticket's number.
func (w *zabbixSite) fires(t *testing.T) string {
	t.Helper()
	w.says(t, "97")
	w.await(t, "a ticket", func() error {
		var list struct{ Tickets []shown }
		if err := w.try(http.MethodGet, "/api/v1/tickets", nil, http.StatusOK, &list); err != nil || len(list.Tickets) > 0 {
			return err
		}
		return errors.New("there is none")
	})
	w.alice.ExpectSMS(t, "CRITIQUE Acme/Givrand srv-db-01 Disk /var is full")
	return w.onlyTicket(t).Number
}

func (w *zabbixSite) says(t *testing.T, value string) {
	t.Helper()
	w.zabbix.Send(t, w.disk.Host, w.disk.Key, value)
}

// await waits longer than other tests do: what Zabbix does goes through five of
// its processes, of which each looks every few seconds.
func (w *zabbixSite) await(t *testing.T, what string, ask func() error) {
	t.Helper()
	if err := poll(retryPatience, func() (bool, error) {
		err := ask()
		return err == nil, err
	}); err != nil {
		t.Fatalf("waited %s for %s: %v", retryPatience, what, err)
	}
}

// linked: the problem in Zabbix leads to the ticket.
func (w *zabbixSite) linked(t *testing.T, number string) {
	t.Helper()
	want := map[string]string{"customer": "acme", "site": "Givrand", "__astreinte": number, "__astreinte_url": "http://" + w.address + "/tickets/" + number}
	w.await(t, "the problem's tags", func() error {
		var problems []struct{ Tags []struct{ Tag, Value string } }
		w.zabbix.Call(t, "problem.get", map[string]any{"objectids": w.disk.TriggerID, "selectTags": "extend"}, &problems)
		if len(problems) != 1 {
			return fmt.Errorf("%d problems", len(problems))
		}
		is := map[string]string{}
		for _, tag := range problems[0].Tags {
			is[tag.Tag] = tag.Value
		}
		if !maps.Equal(is, want) {
			return fmt.Errorf("its tags are %v", is)
		}
		return nil
	})
}

// taken: who acknowledges in Zabbix takes the ticket by name, and what they wrote
// is in the timeline; a comment is no more than that.
func (w *zabbixSite) taken(t *testing.T, number string) {
	t.Helper()
	z := w.zabbix
	z.User(t, "zoe", "Zoé", "Martin", "hush-hush-Zabbix-1")
	zoe := z.SignIn(t, "zoe", "hush-hush-Zabbix-1")
	event := z.Problem(t, w.disk.TriggerID)
	does := func(action int, message string) {
		t.Helper()
		z.CallAs(t, zoe, "event.acknowledge", map[string]any{"eventids": event, "action": action, "message": message}, nil)
		w.await(t, "a line in the timeline", func() error {
			if told := w.timeline(t, number); !strings.Contains(told, message) || !strings.Contains(told, "Zoé Martin") {
				return errors.New(told)
			}
			return nil
		})
	}
	does(4, "c'est \"plein\" à 97 %")
	if now := w.ticket(t, number); now.State != "open" {
		t.Errorf("after a comment it is %s", now.State)
	}
	does(2|4, "je regarde")
	if now := w.ticket(t, number); now.State != "acknowledged" || !strings.Contains(now.AcknowledgedBy, "Zoé Martin") {
		t.Errorf("it is %s by %q", now.State, now.AcknowledgedBy)
	}
	w.pagesNobody(t, number)
}

// timeline is what a ticket's timeline says, as the API has it.
func (w *zabbixSite) timeline(t *testing.T, number string) string {
	t.Helper()
	var now struct{ Timeline []json.RawMessage }
	w.ask(t, http.MethodGet, "/api/v1/tickets/"+number, nil, http.StatusOK, &now)
	var said strings.Builder
	for _, entry := range now.Timeline {
		var line any
		if err := json.Unmarshal(entry, &line); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&said, line)
	}
	return said.String()
}

func (w *zabbixSite) ends(t *testing.T, number string) {
	t.Helper()
	w.says(t, "12")
	w.await(t, "the recovery", func() error {
		if now := w.ticket(t, number); now.State != "resolved" {
			return fmt.Errorf("it is %s", now.State)
		}
		return nil
	})
	w.alice.ExpectSMS(t, "TERMINE", "srv-db-01")
}

// fallsWhileDown: what fires while no daemon answers pages when one does. Zabbix
// has tried at least three times by then, over a minute.
func (w *zabbixSite) fallsWhileDown(t *testing.T) {
	t.Helper()
	w.daemon.kill()
	w.says(t, "98")
	w.refused(t, 1, 3)
	w.start(t)
	w.arrive(t)
	w.alice.ExpectSMS(t, "srv-db-01 Disk /var is full")
	w.says(t, "12")
	w.nothingOpen(t)
	w.alice.ExpectSMS(t, "TERMINE", "srv-db-01")
}

// comesAndGoesWhileDown: Zabbix tells the end of a problem once somebody has taken
// its beginning, so one that is over before a daemon answers pages and ends.
func (w *zabbixSite) comesAndGoesWhileDown(t *testing.T) {
	t.Helper()
	w.daemon.kill()
	w.says(t, "98")
	w.refused(t, 1, 1)
	w.says(t, "12")
	w.await(t, "the problem to be over in Zabbix", func() error {
		var problems []struct{ EventID string }
		w.zabbix.Call(t, "problem.get", map[string]any{"objectids": w.disk.TriggerID}, &problems)
		if len(problems) > 0 {
			return fmt.Errorf("%d problems", len(problems))
		}
		return nil
	})
	w.start(t)
	w.arrive(t)
	w.nothingOpen(t)
	w.alice.ExpectSMS(t, "TERMINE", "srv-db-01")
	w.nothingOpen(t)
}

// refused waits until so many messages were each tried so often in vain.
func (w *zabbixSite) refused(t *testing.T, messages, times int) {
	t.Helper()
	w.sent(t, "messages that are refused", func(waiting []zabbixMessage) error {
		for _, m := range waiting {
			if m.retries(t) < times || m.Error == "" {
				return fmt.Errorf("one was refused %s times: %s", m.Retries, m.Error)
			}
		}
		if len(waiting) != messages {
			return fmt.Errorf("%d wait", len(waiting))
		}
		return nil
	})
}

// arrive waits until no message waits in Zabbix.
func (w *zabbixSite) arrive(t *testing.T) {
	t.Helper()
	w.sent(t, "the messages to arrive", func(waiting []zabbixMessage) error {
		if len(waiting) > 0 {
			return fmt.Errorf("%d wait: %s", len(waiting), waiting[0].Error)
		}
		return nil
	})
}

// zabbixMessage is a message that Zabbix has not sent yet.
type zabbixMessage struct{ Status, Retries, Error string }

func (m *zabbixMessage) retries(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(m.Retries)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// sent asks Zabbix for the messages that wait until there is no error. One that
// was given up fails the test.
func (w *zabbixSite) sent(t *testing.T, what string, ask func(waiting []zabbixMessage) error) {
	t.Helper()
	err := poll(retryPatience, func() (bool, error) {
		var all, waiting []zabbixMessage
		w.zabbix.Call(t, "alert.get", map[string]any{"mediatypeids": w.media, "output": []string{"status", "retries", "error"}}, &all)
		for _, m := range all {
			switch m.Status {
			case "2":
				t.Fatalf("Zabbix gave a message up: %s", m.Error)
			case "0", "3":
				waiting = append(waiting, m)
			}
		}
		err := ask(waiting)
		return err == nil, err
	})
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func (w *zabbixSite) nothingOpen(t *testing.T) {
	t.Helper()
	w.await(t, "all tickets to be over", func() error {
		var list struct{ Tickets []shown }
		if err := w.try(http.MethodGet, "/api/v1/tickets?state=open&state=acknowledged", nil, http.StatusOK, &list); err != nil {
			return err
		}
		for _, one := range list.Tickets {
			if one.State != "resolved" && one.State != "closed" {
				return fmt.Errorf("%s is %s", one.Number, one.State)
			}
		}
		return nil
	})
}
