# What the node asks the kernel to do with the connections of containers, by programs on control groups (of version 2) that go with
# their groups. Perl, as it can call bpf() by itself.
#
#   network.pl listen GROUP ADDRESS FROM:TO ...
#     Processes of the group that listen on TCP port FROM listen on TO instead, on every address where they ask for ADDRESS (on loopback
#     they would look like those that only their own pod may reach), and reach FROM of this machine at TO.
#   network.pl route GROUP ...
#     Keeps a table of routes for all connections of processes below the groups, and says "ready". Each line of input changes it:
#     "ADDRESS PORT ADDRESS PORT" (port 0: any, and the same), or "ADDRESS PORT" to remove one; each is answered by "ok". The table
#     stays with the groups when the program ends, until another takes its place.
#
# Reference: bpf(2), BPF_PROG_TYPE_CGROUP_SOCK_ADDR, struct bpf_sock_addr of linux/bpf.h.
use strict;
use warnings;
use POSIX ();
use Socket qw(inet_aton);

my %calls = (x86_64 => 321, aarch64 => 280);
my $bpf = $calls{(POSIX::uname())[4]} or die "no number of bpf() is known for this machine\n";
my ($MAP_CREATE, $MAP_UPDATE, $MAP_DELETE, $PROG_LOAD, $ATTACH, $DETACH, $FD_BY_ID, $QUERY) = (0, 2, 3, 5, 8, 9, 13, 16);
my ($HASH, $NO_PREALLOC, $MOST_ROUTES) = (1, 1, 262_144);
my ($SOCK_ADDR, $ALLOW_MULTI, $STREAM, $LOOKUP) = (18, 2, 1, 1);
# Offsets in struct bpf_sock_addr, and types of attachment.
my ($IP4, $IP6, $PORT, $TYPE) = (4, 8, 24, 32);
my ($BIND4, $BIND6, $CONNECT4, $CONNECT6) = (8, 9, 10, 11);

sub net16 { unpack('S', pack('n', $_[0])) }
sub net32 { unpack('L', pack('N', $_[0])) }
sub ip { my $bytes = inet_aton($_[0]) or die "$_[0] is no address\n"; unpack('L', $bytes) }
my ($LOOPBACK, $MAPPED) = (net32(0x7f000001), net32(0x0000ffff));

sub insn { my ($code, $dst, $src, $off, $imm) = @_; pack('CCsL', $code, $dst | ($src << 4), $off, $imm & 0xffffffff) }
sub copy { my ($dst, $src) = @_; insn(0xbf, $dst, $src, 0, 0) }
sub load { my ($reg, $off, $from) = @_; insn(0x61, $reg, $from // 6, $off, 0) }
sub store { my ($reg, $off, $to) = @_; insn(0x63, $to // 6, $reg, $off, 0) }
sub set { my ($off, $imm, $to) = @_; (insn(0xb4, 3, 0, 0, $imm), store(3, $off, $to)) }
sub equal { ['jump', 0x16, @_] }
sub unequal { ['jump', 0x56, @_] }
sub null { ['jump', 0x15, $_[0], 0, $_[1]] }
sub label { ['label', $_[0]] }
my @allow = (insn(0xb7, 0, 0, 0, 1), insn(0x95, 0, 0, 0, 0));
my @streams = (copy(6, 1), load(2, $TYPE), unequal(2, $STREAM, 'allow'));
# Addresses of version 4 that are written as of version 6.
my @mapped = map { (load(2, $IP6 + $_->[0]), unequal(2, $_->[1], 'allow')) } [0, 0], [4, 0], [8, $MAPPED];

sub assemble {
  my (%at, @code);
  for (@_) {
    if (ref $_ && $_->[0] eq 'label') { $at{$_->[1]} = @code } else { push @code, $_ }
  }
  my $text = '';
  for my $i (0 .. $#code) {
    my $each = $code[$i];
    $text .= ref $each ? insn($each->[1], $each->[2], 0, $at{$each->[4]} - $i - 1, $each->[3]) : $each;
  }
  return $text;
}

sub pointer { unpack('Q', pack('P', $_[0])) }
sub call { my ($command, $attributes) = @_; syscall($bpf, $command, $attributes, length $attributes) }

sub attach {
  my ($type, $code, @groups) = @_;
  my $license = "Apache-2.0\0";
  my $loaded = call($PROG_LOAD, pack('LLQQLLQLLa16LL', $SOCK_ADDR, length($code) / 8, pointer($code), pointer($license),
    0, 0, 0, 0, 0, 'slipway', 0, $type));
  die "the kernel refuses the program: $!\n" if $loaded < 0;
  for (@groups) {
    call($ATTACH, pack('LLLL', $_, $loaded, $type, $ALLOW_MULTI)) >= 0 or die "the program cannot be attached: $!\n";
  }
}

# Everything of the type that is attached to the group itself was put there by an earlier one of us.
sub detach {
  my ($type, $group) = @_;
  my $ids = pack('L64', (0) x 64);
  my $query = pack('LLLLQL', $group, $type, 0, 0, pointer($ids), 64);
  call($QUERY, $query) >= 0 or return;
  for my $id ((unpack('L64', $ids))[0 .. (unpack('LLLLQL', $query))[5] - 1]) {
    my $program = call($FD_BY_ID, pack('LLL', $id, 0, 0));
    call($DETACH, pack('LLL', $group, $program, $type)) if $program >= 0;
  }
}

sub group { my ($dir) = @_; defined(my $fd = POSIX::open($dir, POSIX::O_RDONLY)) or die "$dir: $!\n"; return $fd }

sub listening {
  my ($dir, $address, @pairs) = @_;
  my (@tests, @stores);
  for (@pairs) {
    my ($from, $to) = /^(\d+):(\d+)$/ or die "$_ is no pair of ports\n";
    push @tests, equal(2, net16($from), "port $from");
    push @stores, label("port $from"), set($PORT, net16($to)), @allow;
  }
  my @ports = (label('ports'), load(2, $PORT), @tests, label('allow'), @allow, @stores);
  my @own4 = (load(2, $IP4), unequal(2, ip($address), 'ports'), set($IP4, 0));
  my @local4 = (load(2, $IP4), equal(2, 0, 'ports'), unequal(2, $LOOPBACK, 'allow'));
  my @local6 = (
    load(2, $IP6), unequal(2, 0, 'allow'), load(2, $IP6 + 4), unequal(2, 0, 'allow'), load(4, $IP6 + 12),
    load(2, $IP6 + 8), equal(2, 0, 'plain'), unequal(2, $MAPPED, 'allow'), equal(4, $LOOPBACK, 'ports'), unequal(4, 0, 'allow'),
    label('plain'), equal(4, 0, 'ports'), unequal(4, net32(1), 'allow'),
  );
  my %programs = ($BIND4 => \@own4, $BIND6 => [], $CONNECT4 => \@local4, $CONNECT6 => \@local6);
  for my $type (sort { $a <=> $b } keys %programs) {
    attach($type, assemble(@streams, @{$programs{$type}}, @ports), group($dir));
  }
}

# Looks for the address and port, then for the address with any port.
sub routing {
  my ($map, $ip, @check) = @_;
  my @table = (insn(0x18, 1, 1, 0, $map), insn(0, 0, 0, 0, 0));
  my @find = (@table, copy(2, 10), insn(0x07, 2, 0, 0, -8), insn(0x85, 0, 0, 0, $LOOKUP));
  return assemble(@streams, @check, load(2, $ip), store(2, -8, 10), load(2, $PORT), store(2, -4, 10), @find,
    ['jump', 0x55, 0, 0, 'found'], set(-4, 0, 10), @find, null(0, 'allow'),
    label('found'), load(1, 0, 0), store(1, $ip), load(1, 4, 0), equal(1, 0, 'allow'), store(1, $PORT), label('allow'), @allow);
}

sub route {
  my @groups = map { group($_) } @_;
  my $map = call($MAP_CREATE, pack('LLLLL', $HASH, 8, 8, $MOST_ROUTES, $NO_PREALLOC));
  die "the kernel makes no table: $!\n" if $map < 0;
  my %programs = ($CONNECT4 => routing($map, $IP4), $CONNECT6 => routing($map, $IP6 + 12, @mapped));
  for my $type (sort { $a <=> $b } keys %programs) {
    detach($type, $_) for @groups;
    attach($type, $programs{$type}, @groups);
  }
  $| = 1;
  print "ready\n";
  while (my $line = <STDIN>) {
    # With its end the line would have one field more.
    chomp $line;
    my ($ip, $port, $to, $at) = split ' ', $line;
    my $key = pack('LL', ip($ip), net16($port));
    if (defined $to) {
      my $value = pack('LL', ip($to), net16($at));
      call($MAP_UPDATE, pack('LLQQQ', $map, 0, pointer($key), pointer($value), 0)) >= 0 or die "a route is refused: $!\n";
    } else {
      call($MAP_DELETE, pack('LLQQ', $map, 0, pointer($key), 0));
    }
    print "ok\n";
  }
}

my ($what, @arguments) = @ARGV;
if ($what eq 'listen') { listening(@arguments) } elsif ($what eq 'route') { route(@arguments) } else { die "what?\n" }
