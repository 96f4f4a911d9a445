// SPDX-License-Identifier: MIT
//
// shopify_goods: the products, variants and collections of a shop.
//
// Config of the fake:
//	products     [{id, handle?, title?, variants: [{id, sku, price}]}]
//	collections  [{id, handle, title?}]
// Without one of these lists every such id exists, and none is found.
import {connection, gid, number_of, search} from './shopify_shared.mjs';

const product_view = (p) => ({id: gid('Product', p.id),
	handle: p.handle ?? `product-${p.id}`, title: p.title ?? `P ${p.id}`});
const variant_view = (v) => ({id: gid('ProductVariant', v.id), sku: v.sku,
	price: v.price, title: v.title ?? 'Default Title',
	product: product_view(v.product)});
const collection_view = (c) => ({id: gid('Collection', c.id),
	handle: c.handle, title: c.title ?? c.handle});

const products = (store) => store.config.products ?? [];
const variants = (store) => products(store).flatMap((p) =>
	p.variants.map((v) => ({...v, product: p})));
const collections = (store) => store.config.collections ?? [];
const LISTS = {
	Product: {all: products, view: product_view, config: 'products'},
	ProductVariant: {all: variants, view: variant_view, config: 'products'},
	Collection: {all: collections, view: collection_view,
		config: 'collections'},
};

// Whether there are goods of a kind with that id.
export function has_goods(store, kind, id)
{
	const {all, config} = LISTS[kind], number = number_of(kind, id);

	return number !== null && (store.config[config] === undefined ||
		all(store).some((x) => String(x.id) === number));
}

// A page of the goods with these ids.
export function goods_page(store, kind, ids, args)
{
	const {all, view} = LISTS[kind];
	const known = all(store);

	return connection(ids.map((id) => known.find((x) =>
		gid(kind, x.id) === id) ?? {id: number_of(kind, id), handle: '',
		sku: '', price: '0.00', product: {id: 1}}), args, view);
}

export const goods_fields = {
	productVariants: (store, args) => connection(search(variants(store),
		args.query, {
			sku: (v, text) => v.sku.toLowerCase().startsWith(text),
			product_id: (v, text) => String(v.product.id) === text,
			id: (v, text) => String(v.id) === text}),
	args, variant_view),
	collections: (store, args) => connection(search(collections(store),
		args.query, {
			handle: (c, text) => c.handle.toLowerCase() === text,
			title: (c, text) => (c.title ?? c.handle)
				.toLowerCase().startsWith(text)}),
	args, collection_view),
};
