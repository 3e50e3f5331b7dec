package console

import (
	"cmp"
	"context"
	"fmt"

	"github.com/astreinte/astreinte/paging"
)

// Ready is what the console asks of whether people can be woken.
type Ready interface {
	// Proofs lists the last proof of each channel and address of a person, the last
	// first.
	Proofs(ctx context.Context, person string) ([]paging.Proof, error)
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
