package daemon

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// kindSubscription is the kind of the records of subscriptions to Amazon's SNS
// that are to be confirmed. One is in the home of its source until it is.
const kindSubscription = "subscription"

const (
	confirmEvery   = 5 * time.Second
	confirmClaimed = time.Minute
	confirmTimeout = 10 * time.Second
	confirmAtOnce  = 10
	// confirmAgain is when it is tried again. SNS forgets what was not confirmed
	// within three days.
	confirmAgain = 10 * time.Minute
	confirmFor   = 3 * 24 * time.Hour
	// fetchedMost is the longest answer that is read: a certificate has 2 KiB.
	fetchedMost = 64 << 10
)

// subscription is the value of such a record.
type subscription struct {
	Source string    `json:"source"`
	URL    string    `json:"url"`
	Asked  time.Time `json:"asked"`
}

// confirm writes down that a subscription is to be confirmed (ingest.Options).
// The address holds what confirms it, so it is in no log.
func (d *Daemon) confirm(ctx context.Context, source, link string) error {
	value, err := json.Marshal(subscription{Source: source, URL: link, Asked: d.clock.Now()})
	if err != nil {
		return fmt.Errorf("daemon: a subscription: %w", err)
	}
	sum := sha256.Sum256([]byte(link))
	key := hex.EncodeToString(sum[:])
	waiting, err := d.records.List(ctx, source, kindSubscription, "", ticket.MaxSubscriptions)
	if err != nil {
		return fmt.Errorf("daemon: read subscriptions: %w", err)
	}
	if len(waiting) >= ticket.MaxSubscriptions && !slices.ContainsFunc(waiting, func(r records.Record) bool { return r.Key == key }) {
		return ingest.ErrManySubscriptions
	}
	_, err = d.records.Write(ctx, source, records.Write{
		Kind: kindSubscription, Key: key, Revision: records.Any, Value: value, Due: d.clock.Now(),
	})
	if err != nil {
		return fmt.Errorf("daemon: write down a subscription: %w", err)
	}
	return nil
}

// keepSubscribed confirms what is to be confirmed.
func (d *Daemon) keepSubscribed(ctx context.Context) {
	d.untilTimed(ctx)
	changed := d.records.Watch(ctx, kindSubscription)
	tick := time.NewTicker(confirmEvery)
	defer tick.Stop()
	for {
		d.confirmDue(ctx)
		select {
		case <-changed:
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (d *Daemon) confirmDue(ctx context.Context) {
	now := d.clock.Now()
	due, err := d.records.Claim(ctx, records.Claim{Kind: kindSubscription, Owner: d.pager.Owner(), Now: now, Until: now.Add(confirmClaimed), Most: confirmAtOnce})
	if err != nil {
		return // the store is away, which others report
	}
	for i := range due {
		r := &due[i]
		var s subscription
		over := json.Unmarshal(r.Value, &s) != nil
		if !over {
			_, err := d.fetch(ctx, s.URL)
			over = err == nil || now.Sub(s.Asked) > confirmFor
			if err != nil {
				d.log.Error("a subscription to SNS could not be confirmed", zap.String("source", r.Home), zap.Bool("again", !over), zap.Error(err))
			} else {
				d.log.Info("a subscription to SNS is confirmed", zap.String("source", r.Home))
			}
		}
		_, _ = d.records.Write(ctx, r.Home, records.Write{ // else the claim runs out, and it is confirmed once more
			Kind: r.Kind, Key: r.Key, Revision: r.Revision, Remove: over, Value: r.Value, Due: now.Add(confirmAgain),
		})
	}
}

// fetch gets what is at an address of SNS that package ingest has looked at. It
// follows no redirect: that could lead anywhere.
func (d *Daemon) fetch(ctx context.Context, link string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, confirmTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
	if err != nil {
		return nil, errors.New("daemon: no address")
	}
	answer, err := d.hookWay.RoundTrip(req)
	if err != nil {
		return nil, fmt.Errorf("daemon: ask %s: %s", req.URL.Host, ticket.Logged(err.Error()))
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("daemon: %s answered %d", req.URL.Host, answer.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, fetchedMost))
	if err != nil {
		return nil, fmt.Errorf("daemon: read what %s answers: %s", req.URL.Host, ticket.Logged(err.Error()))
	}
	return data, nil
}
