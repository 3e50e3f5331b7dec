package daemon

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/paging"
)

// readyDesk knows whether people can be woken (web.Ready, paging.Prover).
type readyDesk struct{ d *Daemon }

var (
	_ web.Ready     = readyDesk{}
	_ paging.Prover = readyDesk{}
)

// provedTimeout bounds what a receipt waits for until its proof is noted.
const provedTimeout = 2 * time.Second

// Proved notes a proof, if the store is there.
func (k readyDesk) Proved(ctx context.Context, p paging.Proof) {
	ctx, cancel := context.WithTimeout(ctx, provedTimeout)
	defer cancel()
	if err := k.d.proofs.Note(ctx, p); err != nil && ctx.Err() == nil {
		k.d.log.Warn("a proof that somebody can be reached was not noted", zap.String("person", p.Person), zap.Error(err))
	}
}

// Answered notes what a person did by hand.
func (k readyDesk) Answered(ctx context.Context, p paging.Proof) (waited paging.Waited, err error) {
	return waited, k.d.proofs.Note(ctx, p) //nolint:wrapcheck // it names itself
}

// Proofs lists those of a person, with what the person's devices showed.
func (k readyDesk) Proofs(ctx context.Context, person string) ([]paging.Proof, error) {
	devices, err := k.d.pager.Directory().Devices(ctx, person)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names itself
	}
	return k.d.proofs.Of(ctx, person, devices) //nolint:wrapcheck // it names itself
}

// buildReady makes what keeps proofs, before anything that brings some.
func (d *Daemon) buildReady() { d.proofs = ready.NewProofs(d.records) }
