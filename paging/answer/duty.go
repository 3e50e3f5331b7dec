package answer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/duty"
	"github.com/astreinte/astreinte/paging/words"
)

// Duty changes who is on call. Its errors are those of package duty, or of the
// store.
type Duty interface {
	// Replacements lists all replacements.
	Replacements(ctx context.Context) ([]duty.Replacement, error)
	// Replace makes a replacement, once for each id. If over is set, it overrides
	// earlier ones.
	Replace(ctx context.Context, r duty.Replacement, by duty.Actor, over bool) (duty.Replacement, error)
	// DropReplacement takes a replacement back.
	DropReplacement(ctx context.Context, id string, by duty.Actor) (duty.Replacement, error)
}

// mostHours is the longest time for which a text can take over: a long
// weekend.
const mostHours = 72

// onDuty tells whoever has the phone who is on call, and changes that for the
// person whose phone it is. An unclear text changes nothing.
func (x *exchange) onDuty(ask DutyAsk, people []contacts.Person) (string, error) {
	groups := x.groupsOf(people)
	changes := ask.Back || ask.Hours > 0
	switch {
	case ask.Wrong, ask.Hours > mostHours:
		return x.say.DutyWrong(mostHours), nil
	case changes && (len(people) > 1 || x.telephone != ""):
		return x.say.DutyShared(), nil
	case len(groups) == 0:
		return x.say.DutyNoneOf(), nil
	case ask.Group > len(groups):
		return x.say.DutyNoGroup(ask.Group), nil
	case changes && x.duty == nil:
		return x.say.Later(), nil
	}
	chosen := groups
	if ask.Group > 0 {
		chosen = groups[ask.Group-1 : ask.Group]
	}
	switch {
	case ask.Back:
		return x.giveBack(groups, chosen)
	case ask.Hours > 0 && len(chosen) > 1:
		return x.say.DutyWhich(x.whoIsOn(groups)), nil
	case ask.Hours > 0:
		return x.takeOver(chosen[0], time.Duration(ask.Hours)*time.Hour)
	}
	return x.say.Duty(x.whoIsOn(chosen)), nil
}

// groupsOf are the groups of the people who have the phone, in the order in
// which texts number them.
func (x *exchange) groupsOf(people []contacts.Person) (groups []string) {
	if group, ofGroup := x.rules.Directory.GroupOfPhone(x.telephone); ofGroup {
		return []string{group}
	}
	for i := range people {
		groups = append(groups, duty.GroupsOf(x.rules.Directory, people[i].Key)...)
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// whoIsOn says who is on call in groups, by the rules in force now.
func (x *exchange) whoIsOn(groups []string) []words.OnDuty {
	rules, now := x.actions.Rules(), x.clock.Now()
	list := make([]words.OnDuty, 0, len(groups))
	for _, group := range groups {
		d, ok := rules.Directory.Duty(group, now)
		if !ok {
			continue
		}
		on := words.OnDuty{Group: group, Until: d.Until}
		for _, key := range d.People {
			person, _ := rules.Directory.Person(key)
			on.People = append(on.People, cmp.Or(person.Name, key))
		}
		list = append(list, on)
	}
	return list
}

func (x *exchange) dutyActor() duty.Actor {
	key := x.person.Key
	return duty.Actor{
		Name: key, Person: key, Manager: desk.RoleOf(x.person.Role) >= desk.Manager, Of: x.rules.Directory, Role: x.person.Role,
	}
}

// takeOver puts the person on call from now on, in everybody's place. It ends
// what the person had taken over before in that group. The same text does so
// only once.
func (x *exchange) takeOver(group string, length time.Duration) (string, error) {
	made, err := x.duty.Replace(x.ctx, duty.Replacement{
		ID: duty.Named(x.once), Kind: duty.Cover, Group: group, Person: x.person.Key, Hours: duty.Hours{To: x.say.Now.Add(length)},
	}, x.dutyActor(), true)
	if err != nil {
		return "", fmt.Errorf("paging: take over by a text: %w", err)
	}
	mine, err := x.taken([]string{group})
	if err != nil {
		return "", err
	}
	for i := range mine {
		if mine[i].Turn < made.Turn {
			if _, err := x.duty.DropReplacement(x.ctx, mine[i].ID, x.dutyActor()); err != nil {
				return "", fmt.Errorf("paging: take over by a text: %w", err)
			}
		}
	}
	if made.State != duty.Planned || !x.say.Now.Before(made.To) { // the text came again, and the duty was given back meanwhile
		return x.say.Duty(x.whoIsOn([]string{group})), nil
	}
	return x.say.DutyTook(group, made.To), nil
}

// taken are the replacements by which the person has taken over in groups, by
// texts, and that still run.
func (x *exchange) taken(groups []string) ([]duty.Replacement, error) {
	list, err := x.duty.Replacements(x.ctx)
	if err != nil {
		return nil, fmt.Errorf("paging: what was taken over: %w", err)
	}
	return slices.DeleteFunc(list, func(r duty.Replacement) bool {
		own := r.By == x.person.Key && r.Person == x.person.Key && r.Kind == duty.Cover && r.InsteadOf == ""
		return !own || r.State != duty.Planned || r.From.After(x.say.Now) || !x.say.Now.Before(r.To) || !slices.Contains(groups, r.Group)
	}), nil
}

// giveBack ends what the person took over before the text was first heard.
func (x *exchange) giveBack(groups, chosen []string) (string, error) {
	mine, err := x.taken(chosen)
	if err != nil {
		return "", err
	}
	mine = slices.DeleteFunc(mine, func(r duty.Replacement) bool { return r.At.After(x.first) })
	var of []string
	for i := range mine {
		of = append(of, mine[i].Group)
	}
	slices.Sort(of)
	of = slices.Compact(of)
	switch {
	case len(of) > 1:
		return x.say.DutyWhich(x.whoIsOn(groups)), nil
	case len(of) == 0 && x.first.Before(x.say.Now): // the text came again
		return x.say.Duty(x.whoIsOn(chosen)), nil
	case len(of) == 0:
		return x.say.DutyNothing(x.whoIsOn(chosen)), nil
	}
	for i := range mine {
		if _, err := x.duty.DropReplacement(x.ctx, mine[i].ID, x.dutyActor()); err != nil {
			return "", fmt.Errorf("paging: give back by a text: %w", err)
		}
	}
	return x.say.DutyGave(x.whoIsOn(of)), nil
}
