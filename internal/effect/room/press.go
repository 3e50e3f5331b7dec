package room

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/chat"
)

// Via is how a timeline says that somebody acted in a room.
const Via = "chat"

// Press acts for whoever pressed a button, if the account is a person's (chat.Listener).
// The press is meant for the state that the message showed: in another it changes
// nothing, and the same press twice is one. Strangers are told what to do as often as a
// room may be tested; then nothing.
func (r *Rooms) Press(ctx context.Context, p chat.Press) (string, error) {
	room := r.room(p.Room)
	if room == nil {
		return "", fmt.Errorf("room: no room named %q", ticket.Logged(p.Room))
	}
	text, outcome, err := room.press(ctx, &p)
	r.presses.WithLabelValues(room.Name, outcome).Inc()
	if outcome == outcomeStranger && !r.told.one(room.Name, r.o.Now()) {
		return "", nil // whoever presses on and on costs no call, and no line
	}
	if outcome != string(desk.Done) {
		r.o.Log.Info("a press in a room did nothing", zap.String("room", room.Name), zap.String("user", ticket.Logged(p.User)),
			zap.String("value", ticket.Logged(p.Value)), zap.String("outcome", outcome))
	}
	return text, err
}

// What comes of a press that never reaches the desk.
const (
	outcomeStranger = "stranger"
	outcomeNotHere  = "not_here"
)

func (r *Room) press(ctx context.Context, p *chat.Press) (text, outcome string, err error) {
	rules := r.rooms.o.Rules()
	person, known := accountOf(rules.Directory, p.Product, p.User)
	if !known {
		return lang.Fill(lang.In(r.Language).Rooms.Stranger, "product", p.Product, "id", p.User), outcomeStranger, nil
	}
	words := &lang.In(cmp.Or(person.Language, rules.Language)).Rooms
	number, seen, ok := pressed(p)
	if !ok {
		return words.Unknown, string(desk.Stale), nil
	}
	view, err := r.rooms.o.Tickets.View(ctx, number)
	switch {
	case errors.Is(err, escalation.ErrNotFound):
		return words.NotHere, outcomeNotHere, nil
	case err != nil:
		return "", string(desk.Failed), fmt.Errorf("room: ticket %s: %w", number, err)
	case !slices.Contains(view.Ticket.Rooms, r.Name) || !r.shows(view.Ticket.Customer):
		return words.NotHere, outcomeNotHere, nil
	}
	by := desk.Actor{
		Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: person.Key}, Role: roleOf(person.Role), Via: Via, Person: person.Key, Scope: desk.ScopeOf(&person),
	}
	result := r.rooms.o.Desk.Act(ctx, by, desk.Order{Verb: escalation.Action(p.Action)}, desk.Target{Number: number, Seen: seen})[0]
	s := &sheet{Rooms: words, rules: rules, v: &view}
	text, err = s.answer(&result, &person)
	return text, string(result.Outcome), err
}

// pressed reads a button: of which ticket, and what its message showed. The action is
// one of those that messages have.
func pressed(p *chat.Press) (number string, seen *escalation.Seen, ok bool) {
	number, rest, ok := strings.Cut(p.Value, " ")
	episode, err := strconv.Atoi(rest)
	if !ok || err != nil {
		return "", nil, false
	}
	seen = &escalation.Seen{Episode: episode}
	switch escalation.Action(p.Action) {
	case escalation.ActAcknowledge:
		seen.State = ticket.Open
	case escalation.ActPickUp:
		seen.State = ticket.Acknowledged
	default:
		return "", nil, false
	}
	return number, seen, true
}

// answer is what whoever pressed is told; nothing where the message itself says it.
func (s *sheet) answer(r *desk.Result, person *contacts.Person) (string, error) {
	switch r.Outcome {
	case desk.Done, desk.Already, desk.Again:
		return "", nil
	case desk.Forbidden:
		return lang.Fill(s.MayNot, "who", cmp.Or(person.Name, person.Key)), nil
	case desk.Unknown:
		return s.NotHere, nil
	case desk.Over, desk.Late:
		return s.IsOver, nil
	case desk.Taken:
		if r.State != nil && r.State.By.Name != "" && !r.State.At.IsZero() {
			return lang.Fill(s.IsTaken, "who", s.who(&r.State.By), "at", s.at(r.State.At)), nil
		}
		return s.IsChanged, nil
	case desk.Unfinished:
		open := (*escalation.UnfinishedError)(nil)
		errors.As(r.Err, &open)
		return lang.Fill(s.Unfinished, "point", cmp.Or(strings.Join(open.Points, "; "), r.Number)), nil
	case desk.Stale, desk.Full, desk.Empty, desk.NobodyLeft, desk.NoTier:
		return s.IsChanged, nil
	case desk.Failed, desk.Checking, desk.Busy, desk.Overtaken, desk.Clocks: // no button of a room checks again, edits, or stops a clock
	}
	return "", fmt.Errorf("room: a press for ticket %s: %w", r.Number, r.Err)
}

// accountOf finds the person whose account it is.
func accountOf(d *contacts.Directory, product, id string) (contacts.Person, bool) {
	people := d.People()
	i := slices.IndexFunc(people, func(p contacts.Person) bool { return id != "" && p.Chat[product] == id })
	if i < 0 {
		return contacts.Person{}, false
	}
	return people[i], true
}

// roleOf is the role of somebody in a room. Whoever is in the room sees its buttons:
// unlike a link, which was sent to its person, they make nobody a technician.
func roleOf(configured contacts.Role) desk.Role {
	if configured == contacts.RoleReader {
		return desk.Reader
	}
	return desk.RoleOf(configured)
}
