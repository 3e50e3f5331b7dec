package daemon

import (
	"context"
	"errors"
	"sync"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/paging"
)

// ReadyLink is what a link stands for.
func (k readyDesk) ReadyLink(ctx context.Context, token string) (ready.Link, error) {
	return k.d.ready.Link(ctx, token, k.d.clock.Now()) //nolint:wrapcheck // it names itself
}

// Drill is one of those that were.
func (k readyDesk) Drill(ctx context.Context, id string) (ready.Drill, error) {
	return k.d.ready.Drills.Get(ctx, id) //nolint:wrapcheck // it names itself
}

// StartDrill asks all people of a group, or one person, by every channel. It opens no
// ticket. Whoever asked may leave meanwhile.
func (k readyDesk) StartDrill(ctx context.Context, group, person, by string) (ready.Drill, error) {
	d := k.d
	rules := d.pager.Rules()
	people := []string{person}
	if group != "" {
		people, _ = ready.Members(rules.Directory, group)
	}
	drill, err := d.ready.Drills.Start(ctx, group, people, by, d.clock.Now())
	if err != nil {
		return drill, err //nolint:wrapcheck // it names itself
	}
	d.log.Info("a drill", zap.String("drill", drill.ID), zap.String("group", group), zap.String("by", by), zap.Strings("people", people))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handoverTakes)
	defer cancel()
	var sent sync.WaitGroup
	for _, key := range people {
		sent.Go(func() {
			p, ok := rules.Directory.Person(key)
			if !ok {
				return
			}
			n := d.answerable(ctx, p, ready.DrillNote(drill.ID, p, paging.Language(p, rules)))
			tries, err := d.pager.Outbox().Note(ctx, p, wakeful(rules.Channels), n)
			if errors.Is(err, paging.ErrNoWay) { // a mail wakes nobody, but its link answers
				tries, err = d.pager.Outbox().Note(ctx, p, []string{paging.WayMail}, n)
			}
			if err != nil {
				d.log.Warn("a drill leads to nobody", zap.String("person", key), zap.Error(err))
			}
			if err := d.ready.Drills.Sent(ctx, drill.ID, key, tries); err != nil {
				d.log.Warn("what became of a drill's messages was not noted", zap.String("person", key), zap.Error(err))
			}
		})
	}
	sent.Wait()
	if now, err := d.ready.Drills.Get(ctx, drill.ID); err == nil {
		drill = now
	}
	return drill, nil
}
