package upstream

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// ZabbixCheck has a Zabbix take the values of a trigger's items now, and waits for what
// its trigger makes of them. The token's user may read the hosts; to have values taken
// its role needs "Execute now", else the trigger is told as it stands.
type ZabbixCheck struct{ API *Zabbix }

// Name is zabbix.
func (ZabbixCheck) Name() string { return "zabbix" }

// zabbixTrigger is a trigger with its items.
type zabbixTrigger struct {
	ID      string       `json:"triggerid"`
	Value   string       `json:"value"` // 1: there is a problem
	State   string       `json:"state"` // 1: it cannot be evaluated
	Error   string       `json:"error"`
	Changed string       `json:"lastchange"`
	Items   []zabbixItem `json:"items"`
}

// zabbixItem is one of them.
type zabbixItem struct {
	ID     string `json:"itemid"`
	Type   string `json:"type"`
	Master string `json:"master_itemid"`
	Last   string `json:"lastclock"`
	Value  string `json:"lastvalue"`
	Units  string `json:"units"`
}

// executable are the types of items of which Zabbix takes a value when it is told to:
// agent, simple, internal, external, database, IPMI, SSH, Telnet, calculated, JMX, HTTP,
// SNMP, script, browser.
var executable = []string{"0", "3", "5", "10", "11", "12", "13", "14", "15", "16", "19", "20", "21", "22"}

const (
	zabbixDependent = "18"
	zabbixCheckNow  = 6  // the type of a task
	mostItems       = 10 // of a trigger that are told to take their values
)

// Ask finds out what the alert's trigger says now (recheck.Tool).
func (z ZabbixCheck) Ask(ctx context.Context, a *ticket.Alert) ticket.Finding {
	if a.Fingerprint == "" || strings.Trim(a.Fingerprint, "0123456789") != "" {
		return ticket.Finding{State: ticket.FoundUnclear, Reason: ticket.ReasonLabel} // it has no event's id
	}
	var events []struct {
		Trigger string `json:"objectid"`
	}
	err := z.API.Call(ctx, "event.get", map[string]any{"eventids": []string{a.Fingerprint}, "output": []string{"eventid", "objectid"}}, &events)
	if err != nil {
		return unanswered(err)
	}
	if len(events) == 0 {
		return unknown("")
	}
	before, err := z.trigger(ctx, events[0].Trigger)
	switch {
	case err != nil:
		return unanswered(err)
	case before == nil:
		return unknown("")
	}
	asked, refused := z.execute(ctx, before)
	if refused != nil {
		return unanswered(refused)
	}
	if len(asked) == 0 {
		return before.finding() // nothing can be told to take a value: it comes when it comes
	}
	return z.await(ctx, before, asked)
}

// trigger reads a trigger; nil: there is none, or the token's user may not see it.
func (z ZabbixCheck) trigger(ctx context.Context, id string) (*zabbixTrigger, error) {
	var found []zabbixTrigger
	err := z.API.Call(ctx, "trigger.get", map[string]any{
		"triggerids": []string{id}, "output": []string{"triggerid", "value", "state", "error", "lastchange"},
		"selectItems": []string{"itemid", "type", "master_itemid", "lastclock", "lastvalue", "units"},
	}, &found)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// execute tells Zabbix to take values: of the items that can, and of the masters of
// those that depend on another one. It says whose lastclock is to move.
func (z ZabbixCheck) execute(ctx context.Context, t *zabbixTrigger) (watched []string, err error) {
	var tasks []map[string]any
	told := map[string]bool{}
	for _, item := range t.Items {
		id := item.ID
		switch {
		case item.Type == zabbixDependent && item.Master != "" && item.Master != "0":
			id = item.Master
		case !slices.Contains(executable, item.Type):
			continue
		}
		if watched = append(watched, item.ID); !told[id] && len(tasks) < mostItems {
			told[id] = true
			tasks = append(tasks, map[string]any{"type": zabbixCheckNow, "request": map[string]any{"itemid": id}})
		}
	}
	if len(tasks) == 0 {
		return nil, nil
	}
	if err := z.API.Call(ctx, "task.create", tasks, nil); err != nil {
		if IsNever(err) || unanswered(err).Reason == ticket.ReasonToolRefuses {
			return nil, nil // its role may not, or the item is not one that can: the trigger says what it knows
		}
		return nil, err
	}
	return watched, nil
}

// await waits until one of the items has a new value, and the trigger was evaluated with
// it.
func (z ZabbixCheck) await(ctx context.Context, before *zabbixTrigger, watched []string) ticket.Finding {
	since := map[string]time.Time{}
	for _, item := range before.Items {
		since[item.ID] = secondsOf(item.Last)
	}
	for rests(ctx, checkEvery) {
		now, err := z.trigger(ctx, before.ID)
		if err != nil || now == nil {
			continue
		}
		fresh := slices.ContainsFunc(now.Items, func(i zabbixItem) bool {
			return slices.Contains(watched, i.ID) && secondsOf(i.Last).After(since[i.ID])
		})
		if !fresh {
			continue
		}
		if now.Changed == before.Changed && rests(ctx, checkSettle) { // a value comes a moment before what it changes
			if again, err := z.trigger(ctx, before.ID); err == nil && again != nil {
				now = again
			}
		}
		return now.finding()
	}
	return slow()
}

func (t *zabbixTrigger) finding() ticket.Finding {
	f := ticket.Finding{State: ticket.FoundDown}
	for _, item := range t.Items {
		if at := secondsOf(item.Last); at.After(f.At) {
			f.At, f.Text = at, strings.TrimSpace(item.Value+" "+item.Units)
		}
	}
	switch {
	case t.State == "1":
		f.State, f.Reason, f.Text = ticket.FoundUnclear, ticket.ReasonToolUnknown, t.Error
	case t.Value == "0":
		f.State, f.Since = ticket.FoundBack, secondsOf(t.Changed)
	}
	return f
}
