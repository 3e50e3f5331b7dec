package redisstore

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// The scripts, named after what they do.
var (
	//go:embed lua/records.lua
	recordsLua string
	//go:embed lua/damage.lua
	damageLua string
	//go:embed lua/lose.lua
	loseLua string
	//go:embed lua/untold.lua
	untoldLua string
	//go:embed lua/telling.lua
	tellingLua string
	//go:embed lua/remake.lua
	remakeLua string
	//go:embed lua/observe.lua
	observeLua string
	//go:embed lua/counts.lua
	countsLua string
	//go:embed lua/crowd.lua
	crowdLua string
	//go:embed lua/clear.lua
	clearLua string
	//go:embed lua/commit.lua
	commitLua string
	//go:embed lua/log.lua
	logLua string
	//go:embed lua/nolog.lua
	noLogLua string
	//go:embed lua/logagain.lua
	logAgainLua string
	//go:embed lua/changes.lua
	changesLua string
	//go:embed lua/trim.lua
	trimLua string
	//go:embed lua/due.lua
	dueLua string
	//go:embed lua/numbers.lua
	numbersLua string
	//go:embed lua/queue.lua
	queueLua string
	//go:embed lua/peek.lua
	peekLua string
	//go:embed lua/claim.lua
	claimLua string
	//go:embed lua/extend.lua
	extendLua string
	//go:embed lua/finish.lua
	finishLua string
	//go:embed lua/receipt.lua
	receiptLua string
	//go:embed lua/code.lua
	codeLua string
	//go:embed lua/release.lua
	releaseLua string
	//go:embed lua/pace.lua
	paceLua string
	//go:embed lua/put.lua
	putLua string
	//go:embed lua/forget.lua
	forgetLua string
	//go:embed lua/unnumber.lua
	unnumberLua string
	//go:embed lua/uncode.lua
	uncodeLua string
	//go:embed lua/relist.lua
	relistLua string
	//go:embed lua/home.lua
	homeLua string
	//go:embed lua/shelf.lua
	shelfLua string
	//go:embed lua/shelve.lua
	shelveLua string
	//go:embed lua/shelved.lua
	shelvedLua string
	//go:embed lua/taken.lua
	takenLua string
	//go:embed lua/layout.lua
	layoutLua string
)

// scripts are all scripts, ready to be called by digest.
type scripts struct {
	observe, commit, due, numbers        script
	peek, claim, extend, finish, receipt script
	code, release, pace                  script
	settle, put, damage, telling         script
	forget, unnumber, uncode, relist     script
	untold                               script
	shelve, reshelve, shelved, taken     script
	home, layout                         script
	logAgain, changes, trim              script
}

// newScripts reads the scripts. If an answer does not come, the client may
// send a script a second time by itself, unless once is set. A repeat of those
// that are once would do harm: it would count twice, a second claim would
// leave the first to run out, and a second receipt or outcome would say that
// nothing changed. The others change nothing the second time (commit knows its
// own name), or leave a gap that is allowed (numbers).
//
// A server whose memory is full refuses a script at its first command that
// needs more memory, unless the script is full. Nothing new is taken in then.
// What was accepted is still paged, answered and closed (settle is commit for
// that).
//
// Scripts that change a ticket or its pages log that, if logs is set.
func newScripts(logs bool) scripts {
	log := noLogLua
	if logs {
		log = logLua
	}
	return scripts{
		observe: newScript(recordsLua+crowdLua+observeLua, once),
		commit:  newScript(recordsLua+shelfLua+countsLua+crowdLua+clearLua+log+commitLua, again),
		settle:  newScript(full+recordsLua+shelfLua+countsLua+crowdLua+clearLua+log+commitLua, again),
		due:     newScript(full+recordsLua+clearLua+loseLua+remakeLua+dueLua, again),
		numbers: newScript(room+recordsLua+countsLua+numbersLua, again),
		peek:    newScript(full+queueOf(peekLua), again),
		claim:   newScript(full+queueOf(log+claimLua), once),
		extend:  newScript(full+recordsLua+extendLua, again),
		finish:  newScript(full+recordsLua+log+finishLua, once),
		receipt: newScript(full+recordsLua+log+receiptLua, once),
		code:    newScript(full+recordsLua+codeLua, again),
		release: newScript(full+recordsLua+releaseLua, again),
		put:     newScript(full+putLua, again),
		damage:  newScript(full+recordsLua+clearLua+loseLua+damageLua, again),
		telling: newScript(full+recordsLua+tellingLua, again),
		pace:    newScript(full+recordsLua+paceLua, once),

		forget:   newScript(full+recordsLua+clearLua+forgetLua, again),
		unnumber: newScript(full+recordsLua+unnumberLua, again),
		uncode:   newScript(full+recordsLua+uncodeLua, again),
		relist:   newScript(full+relistLua, again),
		untold:   newScript(full+recordsLua+untoldLua, once),

		shelve:   newScript(recordsLua+shelfLua+shelveLua, once),
		reshelve: newScript(full+recordsLua+shelfLua+shelveLua, once),
		home:     newScript(full+recordsLua+homeLua, again),
		shelved:  newScript(full+recordsLua+shelfLua+shelvedLua, again),
		taken:    newScript(full+recordsLua+shelfLua+takenLua, once),

		layout:   newScript(full+layoutLua, again),
		logAgain: newScript(full+recordsLua+logLua+logAgainLua, again),
		changes:  newScript(full+recordsLua+changesLua, again),
		trim:     newScript(full+recordsLua+trimLua, again),
	}
}

// queueOf is a script on a source's queue.
func queueOf(text string) string {
	return recordsLua + "local P = KEYS[1]\n" + remakeLua + queueLua + text
}

const (
	once  = true
	again = false

	// room is the first line of a script that a full server refuses before it
	// begins. Then no number is given out, and no code for a ticket that will not
	// exist.
	room = "#!lua\n"
	// full is the first line of a script that also runs on a full server. Redis
	// understands it since version 7.0.
	full = "#!lua flags=allow-oom\n"
)

type script struct {
	text, digest string
	once         bool
}

func newScript(text string, once bool) script {
	return script{text: text, digest: redis.NewScript(text).Hash(), once: once}
}

// call is one run of a script. Its first key decides the slot.
type call struct {
	*redis.Cmd
	script script
	rest   []any // number of keys, keys, arguments
}

func (sc script) on(ctx context.Context, key string, args ...any) *call {
	return sc.onKeys(ctx, []string{key}, args...)
}

func (sc script) onKeys(ctx context.Context, keys []string, args ...any) *call {
	c := &call{script: sc, rest: make([]any, 0, 1+len(keys)+len(args))}
	c.rest = append(c.rest, len(keys))
	for _, k := range keys {
		c.rest = append(c.rest, k)
	}
	c.rest = append(c.rest, args...)
	c.Cmd = redis.NewCmd(ctx, append([]any{"evalsha", sc.digest}, c.rest...)...)
	return c
}

// whole is the same call with the script's text, for a server that does not
// know the script.
func (c *call) whole(ctx context.Context) {
	c.Cmd = redis.NewCmd(ctx, append([]any{"eval", c.script.text}, c.rest...)...)
}

// NoRetry tells the client whether it may send the command a second time.
func (c *call) NoRetry() bool { return c.script.once }

// reply is the list that the script returned.
func (c *call) reply() *reply {
	v, err := c.Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return &reply{err: err}
	}
	return newReply(v)
}

// run sends commands in one round trip, to every node at once. If a server had
// forgotten a script, run sends it again with its text. It returns the first
// error; each command has its own.
func (s *Store) run(ctx context.Context, cmds ...redis.Cmder) error {
	return s.exchange(ctx, cmds, 0)
}

// exchange is run; if replicas are wanted, it waits for their confirmation.
func (s *Store) exchange(ctx context.Context, cmds []redis.Cmder, replicas int) error {
	if err := s.outdated.Load(); err != nil {
		for _, cmd := range cmds {
			cmd.SetErr(*err)
		}
		return *err
	}
	if s.later.Load() {
		if err := s.meet(ctx); err != nil {
			for _, cmd := range cmds {
				cmd.SetErr(err)
			}
			return err
		}
	}
	return s.trade(ctx, cmds, replicas)
}

// trade is exchange without the question whether this version understands the
// server: that is answered already, or asked by these commands.
func (s *Store) trade(ctx context.Context, cmds []redis.Cmder, replicas int) error {
	short := s.send(ctx, cmds, replicas)
	var forgotten []redis.Cmder
	for _, cmd := range cmds {
		if c, ok := cmd.(*call); ok && redis.HasErrorPrefix(c.Err(), "NOSCRIPT") {
			c.whole(ctx)
			forgotten = append(forgotten, c)
		}
	}
	if err := s.send(ctx, forgotten, replicas); short == nil {
		short = err
	}
	for _, cmd := range cmds {
		if err := cmd.Err(); err != nil && !errors.Is(err, redis.Nil) && !s.passOver(cmd) {
			return err
		}
	}
	return short
}

// failed wraps an error with what was tried. It puts a server's refusal into
// plain words.
func failed(err error, format string, args ...any) error {
	return fmt.Errorf("redisstore: "+format+": %w", append(args, explain(err))...)
}
