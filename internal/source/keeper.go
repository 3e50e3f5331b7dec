package source

import (
	"context"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// keptEvery is how far apart a source's words are written down at least.
	keptEvery = time.Minute
	// expireEvery is how often those are looked for that nobody says any more.
	expireEvery = time.Hour
	expireMost  = 100
	// writtenAtOnce bounds the bytes of one write.
	writtenAtOnce = 512 << 10
)

// Door is what the package asks of ingest.Handler.
type Door interface {
	// Words are the last words of all sources, in the order of their names.
	Words() []ingest.Word
	// Said is what is remembered of a source; false if no such source is configured.
	Said(source string) (ingest.Said, bool)
	// Masked is a text of a source's without secrets.
	Masked(source string, text []byte) string
}

// Keeper writes down what sources say. It is for one goroutine.
type Keeper struct {
	Book  *Book
	Door  Door
	Owner string

	written map[string]written
	expired time.Time
}

// written is what was written down of a source, and when.
type written struct {
	word word
	at   time.Time
}

// Turn writes down what is new. An error says that the store is away: the next turn does
// it again.
func (k *Keeper) Turn(ctx context.Context, now time.Time) error {
	if k.written == nil {
		k.written, k.expired = map[string]written{}, now
	}
	fresh := k.fresh(now)
	if len(fresh) > 0 {
		known, err := k.Book.all(ctx)
		if err != nil {
			return err
		}
		if err := k.write(ctx, now, fresh, known); err != nil {
			return err
		}
	}
	if now.Sub(k.expired) < expireEvery {
		return nil
	}
	k.expired = now
	for _, kind := range []string{KindWord, KindPayload} {
		if _, err := records.Expire(ctx, k.Book.store, kind, k.Owner, now, expireMost); err != nil {
			return fmt.Errorf("source: forget what was said: %w", err)
		}
	}
	return nil
}

// fresh are the sources that said something new, and may be written down again.
func (k *Keeper) fresh(now time.Time) map[string]word {
	fresh := map[string]word{}
	for _, w := range k.Door.Words() {
		said, ok := k.Door.Said(w.Source)
		if !ok {
			continue
		}
		was := k.written[w.Source]
		if is := wordOf(&said); is != was.word && now.Sub(was.at) >= keptEvery {
			fresh[w.Source] = is
		}
	}
	return fresh
}

// write writes words down, unless another daemon knows newer ones.
func (k *Keeper) write(ctx context.Context, now time.Time, fresh, known map[string]word) error {
	var writes []records.Write
	bytes := 0
	flush := func() error {
		if len(writes) == 0 {
			return nil
		}
		if _, err := k.Book.store.Write(ctx, records.House, writes...); err != nil {
			return fmt.Errorf("source: write down what was said: %w", err)
		}
		writes, bytes = nil, 0
		return nil
	}
	for source, is := range fresh {
		of, err := k.writesOf(source, is, known[source])
		if err != nil {
			return err
		}
		for i := range of {
			of[i].Due = now.Add(keptFor)
			bytes += len(of[i].Value)
		}
		writes = append(writes, of...)
		if bytes >= writtenAtOnce {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	for source, is := range fresh {
		k.written[source] = written{is, now}
	}
	return nil
}

func (k *Keeper) writesOf(source string, is, known word) (writes []records.Write, err error) {
	merged := known.with(is)
	w, err := k.Book.words.Put(source, records.Any, merged)
	if err != nil {
		return nil, fmt.Errorf("source: %w", err)
	}
	writes = append(writes, w)
	for _, outcome := range []string{outcomeTaken, outcomeRefused} {
		r := merged.of(outcome)
		if r == nil || r != is.of(outcome) || r == k.written[source].word.of(outcome) {
			continue // another daemon's, or written already
		}
		text := k.Door.Masked(source, r.Body)
		p, err := k.Book.payloads.Put(payloadKey(source, outcome), records.Any, payload{
			At: r.At, Text: ticket.Cut(text, ticket.MaxSaidBody), Whole: r.Whole() && len(text) <= ticket.MaxSaidBody,
		})
		if err != nil {
			return nil, fmt.Errorf("source: %w", err)
		}
		writes = append(writes, p)
	}
	return writes, nil
}
