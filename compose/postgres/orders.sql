create table if not exists orders (
  row bigint generated always as identity primary key,
  writer integer not null,
  sequence bigint not null,
  payload text not null,
  region text not null,
  created timestamptz not null default clock_timestamp()
);
create index if not exists orders_id on orders (writer, sequence);
create table if not exists stock (
  key integer primary key,
  history text[] not null default '{}',
  region text not null default '',
  updated timestamptz
);
