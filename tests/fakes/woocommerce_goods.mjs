// SPDX-License-Identifier: MIT
//
// woocommerce_goods: products and categories of a shop of WooCommerce's, as far
// as a SKU or a slug is looked up.
//
// Config of the fake:
//	products    [{id, sku, name?, price?}]
//	categories  [{id, slug, name?}]
const GOODS = /^GET \/wp-json\/wc\/v3\/(products|products\/categories)$/;

export const is_goods_route = ({method, path}) =>
	GOODS.test(`${method} ${path}`);

const product_view = ({id, sku, name = `Product ${id}`, price = ''}) =>
	({id, name, slug: `product-${id}`, type: 'simple', status: 'publish',
		sku, price, regular_price: price});
const category_view = ({id, slug, name = slug}) =>
	({id, name, slug, parent: 0, description: '', count: 0});

// SKUs are parted by commas, and compared as the database does, without regard
// to case; a slug is one.
export function goods_answer(store, {path, query})
{
	const is_category = path.endsWith('/categories');
	const text = (query.get(is_category ? 'slug' : 'sku') ?? '')
		.toLowerCase();
	const wanted = is_category ? [text] : text.split(',');
	const all = store.config[is_category ? 'categories' : 'products'] ?? [];
	const found = text === '' ? all : all.filter((x) => wanted.includes(
		(is_category ? x.slug : x.sku).toLowerCase()));

	return {value: found.map(is_category ? category_view : product_view),
		headers: {'X-WP-Total': String(found.length),
			'X-WP-TotalPages': found.length > 0 ? '1' : '0'}};
}
