package back

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/upstream"
)

// How silences are kept. One that nobody extends any more ends by itself.
const (
	silenceFor   = 30 * time.Minute
	extendBefore = 20 * time.Minute // of its end
	lookEvery    = 5 * time.Minute  // a Keeper
	// goneFor is how long an alert must be missing until it counts as over, at a second
	// look. An Alertmanager that started upFor ago knows what fires: it was told anew.
	goneFor = 4 * time.Minute
	upFor   = 15 * time.Minute
	// mostNames is how many names of alerts of a ticket are asked for.
	mostNames = 20
)

// Alertmanager silences alerts in an Alertmanager while somebody has their ticket. Each
// alert has a silence of its own, by all labels that the Alertmanager itself gives it. A
// silence also matches alerts that have those labels and more, so it says which labels
// must be missing: those that such alerts have which fire. If one comes later, a Keeper
// sees it within seconds (Strays) and makes the silence anew.
//
// An Alertmanager does not tell the end of an alert that is silenced. So a Keeper looks
// whether it still lists the alert, and what it has not listed for a while is over.
type Alertmanager struct {
	API *upstream.Alertmanager
	Now func() time.Time
}

var _ Tool = Alertmanager{}

// Take silences what is not silenced for the ticket yet (Tool). What the Alertmanager
// does not list is over there.
func (t Alertmanager) Take(ctx context.Context, a *Act, alerts []ticket.AlertRecord, held []Held) ([]Held, error) {
	live, err := t.live(ctx, alerts)
	if err != nil {
		return held, err
	}
	ours, err := t.ours(ctx, a)
	if err != nil {
		return held, err
	}
	held = slices.DeleteFunc(slices.Clone(held), func(h Held) bool { return ours[h.ID] == nil })
	before := len(held)
	for i := range alerts {
		fingerprint := alerts[i].Fingerprint
		labels, fires := live[fingerprint]
		if !fires || slices.ContainsFunc(held, func(h Held) bool { return h.Alert == fingerprint }) {
			continue
		}
		matchers := alone(exactly(labels), fingerprint, live)
		id := silenceOf(ours, matchers) // at a try of which nobody heard how it ended
		if id == "" {
			now := t.Now().UTC()
			id, err = t.API.Silence(ctx, upstream.Silence{Matchers: matchers, StartsAt: now, EndsAt: now.Add(silenceFor), CreatedBy: a.By, Comment: a.Text})
			if err != nil {
				return held, slowly(ctx, err, len(held) > before)
			}
		}
		held = append(held, Held{Alert: fingerprint, ID: id, Name: labels["alertname"]})
	}
	return held, nil
}

// Leave ends every silence of the ticket, whoever wrote down that it is there (Tool).
func (t Alertmanager) Leave(ctx context.Context, a *Act, _ []ticket.AlertRecord, held []Held) ([]Held, error) {
	ours, err := t.ours(ctx, a)
	if err != nil {
		return held, err
	}
	ended := 0
	for _, id := range slices.Sorted(maps.Keys(ours)) {
		if err := t.API.EndSilence(ctx, id); err != nil {
			return held, slowly(ctx, err, ended > 0)
		}
		ended++
	}
	return nil, nil
}

// live reads the labels of those alerts that fire in the Alertmanager, by fingerprint.
// Each name of an alert is asked for once.
func (t Alertmanager) live(ctx context.Context, alerts []ticket.AlertRecord) (map[string]map[string]string, error) {
	var names []string
	for i := range alerts {
		if name := alerts[i].Labels["alertname"]; name != "" && !slices.Contains(names, name) && len(names) < mostNames {
			names = append(names, name)
		}
	}
	live := map[string]map[string]string{}
	for _, name := range names {
		list, err := t.API.Alerts(ctx, "alertname", name)
		if err != nil {
			return nil, err
		}
		for _, a := range list {
			live[a.Fingerprint] = a.Labels
		}
	}
	return live, nil
}

// ours are the silences of a ticket that hold, by ID.
func (t Alertmanager) ours(ctx context.Context, a *Act) (map[string]*upstream.Silence, error) {
	list, err := t.API.Silences(ctx)
	if err != nil {
		return nil, err
	}
	ours := map[string]*upstream.Silence{}
	for i := range list {
		if s := &list[i]; !s.Over() && a.Mark.Signs(s.Comment, a.Ticket) {
			ours[s.ID] = s
		}
	}
	return ours, nil
}

// exactly matches one alert: each label has this value.
func exactly(labels map[string]string) []upstream.Matcher {
	matchers := make([]upstream.Matcher, 0, len(labels))
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		matchers = append(matchers, upstream.Matcher{Name: name, Value: labels[name], IsEqual: true})
	}
	return matchers
}

// alone adds to the matchers of an alert that it has none of those labels which another
// alert has that fires, and that they match too.
func alone(matchers []upstream.Matcher, fingerprint string, live map[string]map[string]string) []upstream.Matcher {
	given := matchers
	for other, labels := range live {
		differs := func(m upstream.Matcher) bool { return labels[m.Name] != m.Value }
		if other == fingerprint || slices.ContainsFunc(given, differs) {
			continue
		}
		for name := range labels {
			if !slices.ContainsFunc(matchers, func(m upstream.Matcher) bool { return m.Name == name }) {
				matchers = append(matchers, upstream.Matcher{Name: name, IsEqual: true})
			}
		}
	}
	return slices.SortedFunc(slices.Values(matchers), byName)
}

// silenceOf is the ID of the silence that asks for just those labels which these matchers
// ask for; empty: there is none. Which labels must be missing depends on what fired when
// it was made: a Keeper sees to that.
func silenceOf(ours map[string]*upstream.Silence, matchers []upstream.Matcher) string {
	wanted := asks(matchers)
	for id, s := range ours {
		if slices.Equal(asks(s.Matchers), wanted) {
			return id
		}
	}
	return ""
}

// asks are the matchers that ask for a value, in the order of their names.
func asks(matchers []upstream.Matcher) []upstream.Matcher {
	list := slices.SortedFunc(slices.Values(matchers), byName)
	return slices.DeleteFunc(list, func(m upstream.Matcher) bool { return m.Value == "" })
}

func byName(a, b upstream.Matcher) int { return strings.Compare(a.Name, b.Name) }

// Look extends the silences of a ticket that somebody has, makes those anew that hold
// back another alert, and ends those that nobody wrote down: whoever made one died, and
// nobody would see what it holds back. It returns what is held then, and those alerts that
// are over in the Alertmanager.
func (t Alertmanager) Look(ctx context.Context, a *Act, alerts []ticket.AlertRecord, held []Held) (rest []Held, over []string, err error) {
	ours, err := t.ours(ctx, a)
	if err != nil {
		return held, nil, err
	}
	live, err := t.live(ctx, alerts)
	if err != nil {
		return held, nil, err
	}
	started, err := t.API.Started(ctx)
	if err != nil {
		return held, nil, err
	}
	now := t.Now()
	held = adopted(ours, held, live)
	err = t.endOthers(ctx, ours, held)
	young := started.IsZero() || now.Sub(started) < upFor // one that does not say may have started just now
	for _, h := range held {
		switch fires, known := asked(alerts, h.Alert); {
		case !fires: // it is over here: if it fires again, that is to be heard of
			if ours[h.ID] != nil {
				err = errors.Join(err, t.API.EndSilence(ctx, h.ID))
			}
			continue
		case live[h.Alert] != nil, young, !known:
			h.Gone = time.Time{}
		case h.Gone.IsZero():
			h.Gone = now
		case now.Sub(h.Gone) >= goneFor:
			over = append(over, h.Alert)
		}
		if labels := live[h.Alert]; labels != nil {
			h.Name = labels["alertname"] // older entries have none
		}
		if s := ours[h.ID]; s != nil {
			id, failed := t.keep(ctx, s, alone(s.Matchers, h.Alert, live), now.UTC())
			h.ID, err = id, errors.Join(err, failed)
		}
		rest = append(rest, h)
	}
	return rest, over, err
}

// adopted has alerts whose silence is gone hold the one that was made in its place:
// whoever made it died before that was written down.
func adopted(ours map[string]*upstream.Silence, held []Held, live map[string]map[string]string) []Held {
	others := maps.Clone(ours)
	for i := range held {
		delete(others, held[i].ID)
	}
	held = slices.Clone(held)
	for i := range held {
		labels := live[held[i].Alert]
		if labels == nil || ours[held[i].ID] != nil {
			continue
		}
		if id := silenceOf(others, exactly(labels)); id != "" {
			held[i].ID = id
			delete(others, id)
		}
	}
	return held
}

// endOthers ends those silences of a ticket that are not held.
func (t Alertmanager) endOthers(ctx context.Context, ours map[string]*upstream.Silence, held []Held) (err error) {
	for _, id := range slices.Sorted(maps.Keys(ours)) {
		if !slices.ContainsFunc(held, func(h Held) bool { return h.ID == id }) {
			err = errors.Join(err, t.API.EndSilence(ctx, id))
		}
	}
	return err
}

// keep has a silence hold back what matchers match, for some time more. It returns the ID
// that the silence then has.
func (t Alertmanager) keep(ctx context.Context, s *upstream.Silence, matchers []upstream.Matcher, now time.Time) (string, error) {
	wide := len(matchers) > len(s.Matchers)
	if !wide && s.EndsAt.Sub(now) >= extendBefore {
		return s.ID, nil
	}
	next := *s
	next.EndsAt = now.Add(silenceFor)
	if wide {
		next.ID, next.StartsAt, next.Matchers = "", now, matchers
	}
	id, err := t.API.Silence(ctx, next)
	if err != nil {
		return s.ID, err
	}
	if wide { // not before: whoever dies in between leaves two, and not none
		if err := t.API.EndSilence(ctx, s.ID); err != nil {
			return s.ID, err // it stays the one that is looked after, and is made anew again
		}
	}
	return id, nil
}

// asked says whether an alert is among those that fire here, and whether it has a name
// that an Alertmanager was asked for.
func asked(alerts []ticket.AlertRecord, fingerprint string) (fires, known bool) {
	var names []string
	for i := range alerts {
		name := alerts[i].Labels["alertname"]
		if name != "" && !slices.Contains(names, name) && len(names) < mostNames {
			names = append(names, name)
		}
		if alerts[i].Fingerprint == fingerprint {
			return true, slices.Contains(names, name)
		}
	}
	return false, false
}
