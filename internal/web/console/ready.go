package console

import (
	"cmp"
	"context"
	"fmt"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/paging"
)

// Ready is what the console asks of whether people can be woken.
type Ready interface {
	// Proofs lists the last proof of each channel and address of a person, the last
	// first.
	Proofs(ctx context.Context, person string) ([]paging.Proof, error)
	// Drill is one; ready.ErrNoDrill if there is none.
	Drill(ctx context.Context, id string) (ready.Drill, error)
}

// proofLine is a proof, and how old it is.
type proofLine struct {
	Channel, Address, How, At, Age string
	Fresh                          bool // it still counts
}

func (c *Console) proofs(ctx context.Context, who *reader, person string) (lines []proofLine, err error) {
	if c.ready == nil {
		return nil, nil
	}
	list, err := c.ready.Proofs(ctx, person)
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	v := who.viewer()
	for i := range list {
		p := &list[i]
		age := max(who.now.Sub(p.At), 0)
		lines = append(lines, proofLine{
			Channel: p.Channel, Address: p.Address, How: cmp.Or(who.words.Ready.How[string(p.How)], string(p.How)), At: v.At(p.At),
			Age: v.Lasted(age), Fresh: age < paging.ProvenFor,
		})
	}
	return lines, nil
}

// drills are the groups of which a reader may begin a drill.
func (c *Console) drills(who *reader) (groups []string) {
	if c.ready == nil || !who.may(technician) {
		return nil
	}
	directory := who.rules.Directory
	for _, group := range directory.Groups() {
		members, _ := ready.Members(directory, group)
		if len(members) > 0 && directory.Manages(group, who.by.Person, contacts.Role(who.by.Role)) {
			groups = append(groups, group)
		}
	}
	return groups
}

// staying says who is on call still, because somebody has not confirmed.
func (r *reader) staying() (said []string) {
	for _, group := range r.rules.Directory.Groups() {
		for _, span := range r.rules.Directory.Schedule(group, r.now, r.now.Add(1)) {
			for _, a := range span.People {
				if other, ok := ready.StaysFor(a.Why); ok {
					v := r.viewer()
					said = append(said, lang.Fill(r.words.Ready.StaysOn, "who", v.Name(a.Person), "group", group, "other", v.Name(other),
						"until", v.At(ready.StaysUntil(r.rules.Directory, group, a.Person, r.now))))
				}
			}
		}
	}
	return said
}
