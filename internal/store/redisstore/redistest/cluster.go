package redistest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// slots is how many slots a Cluster has.
const slots = 16384

// Nodes is a Cluster of three primaries.
type Nodes struct {
	Nodes []*Server
	// Replicas follow the nodes of the same place, if there are any.
	Replicas []*Server
	buses    []int
}

// Cluster starts a Cluster without replicas. It returns when every node knows
// who has which slots.
func Cluster(tb testing.TB) *Nodes {
	tb.Helper()
	return cluster(tb, "5000")
}

// ReplicatedCluster starts a Cluster in which each primary has a replica. It
// returns when all replicas follow. A primary that does not answer for 2 s is
// replaced.
func ReplicatedCluster(tb testing.TB) *Nodes {
	tb.Helper()
	n := cluster(tb, "2000")
	for i := range n.Nodes {
		n.Replicas = append(n.Replicas, n.node(tb, "2000"))
		if err := n.follow(i); err != nil {
			tb.Fatalf("redistest: replica %d: %v", i, err)
		}
	}
	for _, node := range n.all() {
		client := node.Client()
		if err := await(func(ctx context.Context) error { return n.formed(ctx, client) }); err != nil {
			tb.Fatalf("redistest: cluster: %v", err)
		}
	}
	return n
}

func (n *Nodes) all() []*Server { return append(slices.Clone(n.Nodes), n.Replicas...) }

// node starts one node of the Cluster.
func (n *Nodes) node(tb testing.TB, timeout string) *Server {
	tb.Helper()
	bus := 0
	s := launch(tb, func(int) []string {
		bus = freePort(tb)
		return []string{
			"--appendonly", "yes", "--appendfsync", "always", "--save", "",
			"--cluster-enabled", "yes", "--cluster-node-timeout", timeout, "--cluster-port", strconv.Itoa(bus),
			"--cluster-replica-validity-factor", "0", "--repl-ping-replica-period", "1", "--repl-diskless-sync-delay", "0",
		}
	})
	n.buses = append(n.buses, bus)
	return s
}

// follow makes the node that was started last the replica of primary i.
func (n *Nodes) follow(i int) error {
	ctx := context.Background()
	primary, replica := n.Nodes[i].Client(), n.Replicas[i]
	if err := primary.Do(ctx, "cluster", "meet", "127.0.0.1", replica.Port, n.buses[len(n.buses)-1]).Err(); err != nil {
		return fmt.Errorf("meet: %w", err)
	}
	id, err := primary.Do(ctx, "cluster", "myid").Text()
	if err != nil {
		return fmt.Errorf("its primary's id: %w", err)
	}
	client := replica.Client()
	if err := await(func(ctx context.Context) error { return client.ClusterReplicate(ctx, id).Err() }); err != nil {
		return fmt.Errorf("replicate: %w", err)
	}
	return await(func(ctx context.Context) error { return follows(ctx, client) })
}

// cluster starts three primaries.
func cluster(tb testing.TB, timeout string) *Nodes {
	tb.Helper()
	n := &Nodes{}
	for range 3 {
		n.Nodes = append(n.Nodes, n.node(tb, timeout))
	}
	for i := range n.Nodes {
		if err := n.join(i); err != nil {
			tb.Fatalf("redistest: cluster: %v", err)
		}
	}
	for _, node := range n.Nodes {
		client := node.Client()
		if err := await(func(ctx context.Context) error { return n.formed(ctx, client) }); err != nil {
			tb.Fatalf("redistest: cluster: %v", err)
		}
	}
	return n
}

// Of returns the place of a primary: the one that had a key's slot at the
// start.
func (n *Nodes) Of(tb testing.TB, key string) int {
	tb.Helper()
	slot, err := n.Nodes[0].Client().ClusterKeySlot(context.Background(), key).Result()
	if err != nil {
		tb.Fatalf("redistest: slot of %s: %v", key, err)
	}
	return min(int(slot)*len(n.Nodes)/slots, len(n.Nodes)-1)
}

// URL is the Cluster's address, as Open takes it.
func (n *Nodes) URL() string { return "redis+cluster://" + addrs(n.Nodes) }

// join gives a node its slots, and has the first node meet it.
func (n *Nodes) join(i int) error {
	ctx := context.Background()
	size := slots / len(n.Nodes)
	first, last := i*size, (i+1)*size-1
	if i == len(n.Nodes)-1 {
		last = slots - 1
	}
	client := n.Nodes[i].Client()
	if err := client.Do(ctx, "cluster", "set-config-epoch", i+1).Err(); err != nil {
		return fmt.Errorf("epoch of node %d: %w", i, err)
	}
	if err := client.Do(ctx, "cluster", "addslotsrange", first, last).Err(); err != nil {
		return fmt.Errorf("slots of node %d: %w", i, err)
	}
	if i == 0 {
		return nil
	}
	if err := n.Nodes[0].Client().Do(ctx, "cluster", "meet", "127.0.0.1", n.Nodes[i].Port, n.buses[i]).Err(); err != nil {
		return fmt.Errorf("meet node %d: %w", i, err)
	}
	return nil
}

func (n *Nodes) formed(ctx context.Context, client *redis.Client) error {
	info, err := client.ClusterInfo(ctx).Result()
	if err != nil {
		return err
	}
	for _, want := range []string{"cluster_state:ok", "cluster_slots_ok:" + strconv.Itoa(slots), "cluster_known_nodes:" + strconv.Itoa(len(n.all()))} {
		if !strings.Contains(info, want) {
			return fmt.Errorf("not formed yet: %s", info)
		}
	}
	return nil
}
